// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMappings } from "../mapping.ts";

/** A Python that has the packages which `.ci/run` installs for this test. */
const python = process.env.RMTC_MAPPINGS_PYTHON ?? "python3";
const script = fileURLToPath(new URL("validate_examples.py", import.meta.url));
const mappings = await readMappings();
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-mappings-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function validate(name: string, path: string): Promise<string> {
  return (await promisify(execFile)(python, ["-W", "ignore", script, name, path])).stdout;
}

/** What makes each example wrong: a text of it, and what stands there instead. */
const damages: Readonly<Record<string, readonly [string, string]>> = {
  openlineage: ['"job":', '"work":'],
  slsa: ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v9"],
  mlflow: ['"lifecycle_stage"', '"life_cycle"'],
  opentimelineio: ["ImageSequenceReference.1", "ImageSequenceThing.1"],
  "openassetio-mediacreation": ['"stableTag"', '"stabilityTag"'],
  croissant: ['"encodingFormat"', '"encoding"'],
  c2pa: ['"relationship": "inputTo"', '"relationship": "madeOf"'],
};

describe.each(Object.entries(damages))("the reader of %s", (name, [text, instead]) => {
  const path = fileURLToPath(new URL(`../../mappings/${mappings.get(name)?.example ?? ""}`, import.meta.url));

  it("takes the example", async () => {
    expect(await validate(name, path)).toContain("accepted");
  });

  it("refuses the example with one thing wrong, so that its yes says something", async () => {
    const whole = await readFile(path, "utf8");
    expect(whole).toContain(text);
    const damaged = join(folder, `${name}${extname(path)}`);
    await writeFile(damaged, whole.replace(text, instead));
    await expect(validate(name, damaged)).rejects.toThrow("validate_examples.py");
  });
});
