// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { it } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

interface Sample {
  readonly readme: string;
  /** Where its imports are resolved. */
  readonly folder: string;
  readonly code: string;
}

/** Every TypeScript block of every README; the project's own is run where all packages are at hand. */
async function findSamples(): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const readme of glob(["README.md", "{spec,conformance}/README.md", "packages/**/README.md"], {
    cwd: root,
    exclude: (name) => name.includes("node_modules"),
  })) {
    const text = await readFile(join(root, readme), "utf8");
    const folder = readme === "README.md" ? join(root, "bench") : join(root, dirname(readme));
    for (const [, code = ""] of text.matchAll(/^```ts\n(.*?)^```$/gms))
      samples.push({ readme, folder, code });
  }
  return samples;
}

it.concurrent.for((await findSamples()).map((sample, index) => ({ index, ...sample })))(
  "the sample of $readme runs ($index)",
  async ({ index, folder, code }, { expect, onTestFinished }) => {
    const work = await mkdtemp(join(tmpdir(), "rmtc-readme-"));
    const file = join(folder, `.readme-sample-${index}-${process.pid}.ts`);
    onTestFinished(async () => {
      await rm(work, { recursive: true, force: true });
      await rm(file, { force: true });
    });
    await mkdir(join(work, "plates"));
    for (const frame of [1001, 1002]) {
      const name = `sh010.${frame}.exr`;
      await cp(join(root, "examples", "roto", "shot", "plates", name), join(work, "plates", name));
    }
    await writeFile(file, code);
    const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
    const { stdout } = await run(process.execPath, ["--conditions=@rmtc/source", file], {
      cwd: work,
      timeout: 60_000,
    });
    if (expected.length > 0) expect(stdout.trim().split("\n")).toEqual(expected);
  },
);
