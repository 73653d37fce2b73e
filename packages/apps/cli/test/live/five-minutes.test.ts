// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { glob, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { typeScriptRoles } from "../../src/new/typescript-files.ts";
import { writeFrames } from "../fixtures/frames.ts";

const root = fileURLToPath(new URL("../../../../../", import.meta.url));
const repositoryTool = (name: string): string => join(root, "node_modules", ".bin", name);

/** The environment of somebody who has never seen the repository, but for the Node that runs this. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|NODE_ENV|RMTC_|VITEST)/.test(name)),
  ),
  PATH: [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter),
  PYTHONDONTWRITEBYTECODE: "1",
};

let folder = "";
const packed: { readonly name: string; readonly version: string; readonly tarball: string }[] = [];
const seconds: Record<string, number> = {};

/** Runs a program in the folder to its end; what it printed is in the error when it fails. */
async function run(program: string, args: readonly string[], cwd: string = folder): Promise<string> {
  const options = { cwd, env: environment, maxBuffer: 64 * 1024 * 1024 };
  try {
    return (await promisify(execFile)(program, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

const rmtc = async (...args: string[]): Promise<string> =>
  await run(join(folder, "node_modules", ".bin", "rmtc"), args);

/** Runs a part of the cases, which must all pass, and prints how many there were. */
async function conformance(cwd: string, ...args: string[]): Promise<void> {
  const line = [...args, "--scale", "0.2", "--json"];
  const text = await run(join(folder, "node_modules", ".bin", "rmtc"), ["conformance", ...line], cwd);
  const [report] = JSON.parse(text) as readonly {
    readonly role: string;
    readonly conforms: boolean;
    readonly counts: Readonly<Record<string, number>>;
  }[];
  expect(report).toMatchObject({ conforms: true, counts: { fail: 0, error: 0 } });
  console.log(`The ${report?.role} in Python: ${JSON.stringify(report?.counts)}`);
}

async function timed<Result>(step: string, work: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await work();
  seconds[step] = Math.round((performance.now() - start) / 100) / 10;
  return result;
}

/** Makes a tarball of every package that is published, as it would be published. */
async function packAll(): Promise<void> {
  await run(repositoryTool("tsc"), ["-b"], root);
  const tarballs = join(folder, "tarballs");
  await run(
    repositoryTool("pnpm"),
    ["--recursive", "--filter=!bench", "--filter=!./examples/*", "pack", "--pack-destination", tarballs],
    root,
  );
  for await (const path of glob("{spec,conformance,packages/**}/package.json", {
    cwd: root,
    exclude: (name) => name.includes("node_modules") || name === "templates",
  })) {
    const { name, version } = JSON.parse(await readFile(join(root, path), "utf8")) as {
      readonly name: string;
      readonly version: string;
    };
    const tarball = join(tarballs, `${name.slice(1).replace("/", "-")}-${version}.tgz`);
    packed.push({ name, version, tarball });
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-five-minutes-"));
  await timed("pack", packAll);
}, 180_000);
afterAll(async () => {
  console.log(`Five minutes, in seconds: ${JSON.stringify(seconds)}`);
  await rm(folder, { recursive: true, force: true });
});

describe("outside the repository, from the tarballs alone", () => {
  it("every tarball has built code for whatever it exports, and no tests", async () => {
    expect(packed.length).toBeGreaterThan(15);
    for (const { name, tarball } of packed) {
      const paths = (await run("tar", ["-tzf", tarball])).trim().split("\n");
      const manifest = JSON.parse(await run("tar", ["-xzOf", tarball, "package/package.json"])) as {
        readonly exports: Readonly<
          Record<string, string | { readonly types: string; readonly default: string }>
        >;
        readonly dependencies?: Readonly<Record<string, string>>;
      };
      for (const target of Object.values(manifest.exports)) {
        const files = typeof target === "string" ? [target] : [target.types, target.default];
        for (const file of files) {
          const start = file.replace(/^\./, "package").replace(/\*.*$/, "");
          expect(paths, name).toContainEqual(expect.stringContaining(start));
        }
      }
      const foreign = paths.filter((path) =>
        /^package\/(test|scripts|node_modules)\/|\.tsbuildinfo$/.test(path),
      );
      expect(foreign, name).toEqual([]);
      for (const range of Object.values(manifest.dependencies ?? {}))
        expect(range).not.toContain("workspace:");
    }
  });

  it("makes a strategy in TypeScript and a trainer in Python, tests them, and trains with both", async () => {
    const dependencies = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
    const manifest = { private: true, workspaces: ["rmtc-*"], dependencies };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    const install = ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
    await timed("install", () => run("npm", install));

    await timed("new", async () => {
      expect(await rmtc("new", "training-strategy", "nas")).toMatch(/npm install\n {2}npm test\n$/);
      expect(await rmtc("new", "trainer", "py", "--language", "python")).toContain("py_trainer.py");
    });
    await timed("install again", () => run("npm", install));
    const tested = await timed("test", () =>
      run("npm", ["test", "--workspace", "rmtc-training-strategy-nas"]),
    );
    expect(tested).toMatch(/Tests .*22 passed/);
    const command = ["python3", "rmtc-trainer-py/py_trainer.py"];
    await timed("test in Python", () => conformance(folder, "--command", command.join(" ")));

    await timed("train", async () => {
      await rmtc("init", "--person", "Ada");
      const config = { person: "Ada", strategy: { use: "rmtc-training-strategy-nas" }, trainer: { command } };
      await writeFile(join(folder, "rmtc.config.ts"), `export default ${JSON.stringify(config)};\n`);
      await writeFrames(join(folder, "plates"), "sh010", 3, { width: 24, height: 20 });
      await rmtc("publish", "license", "terms", "--grants", "train,infer");
      await rmtc("ingest", "plates", "--license", "terms", "--coverage", "complete", "--origin", "captured");
      await rmtc(
        ...["publish", "dataset", "mattes", "--sequence", "sh010", "--frames", "1001,1002"],
        ...["--validation", "1003", "--input", "plate:R,G,B", "--target", "matte:matte.A"],
      );
      await rmtc(
        ...["publish", "model", "net", "--architecture", "pixel", "--set", "activation=sigmoid"],
        ...["--license", "terms", "--origin", "handmade"],
      );
      await rmtc("train", "hero-roto", "--model", "net", "--dataset", "mattes", "--steps", "20");
    });
    const { records } = JSON.parse(await rmtc("find", "kind=run", "--json")) as {
      readonly records: readonly unknown[];
    };
    expect(records).toMatchObject([
      { body: { strategy: { name: "rmtc-training-strategy-nas" }, trainer: { name: "rmtc-trainer-py" } } },
    ]);
  });

  it("makes an inferer in Python that passes its cases", async () => {
    await rmtc("new", "inferer", "py", "--language", "python");
    const inner = join(folder, "rmtc-inferer-py");
    await writeFile(join(inner, "fixture.json"), await run("python3", ["make_weights.py"], inner));
    await conformance(inner, "--command", "python3 py_inferer.py", "--fixture", "fixture.json");
  });

  it("makes a package of every other role in TypeScript that compiles", async () => {
    const roles = typeScriptRoles.filter((role) => role !== "training-strategy");
    for (const role of roles) await rmtc("new", role, "other", "--into", "others");
    for (const role of roles) {
      await run(join(folder, "node_modules", ".bin", "tsc"), [
        "--project",
        `others/rmtc-${role}-other`,
        "--typeRoots",
        "node_modules/@types",
      ]);
    }
  });
});
