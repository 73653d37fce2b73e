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
  PYTHONDONTWRITEBYTECODE: "1",
  npm_config_ignore_scripts: "true",
  npm_config_prefer_offline: "true",
  npm_config_audit: "false",
  npm_config_fund: "false",
};

let folder = "";
const packed: { readonly name: string; readonly version: string; readonly tarball: string }[] = [];
const seconds: Record<string, number> = {};

/** Runs a program in the folder to its end; what it printed is in the error when it fails. */
async function run(program: string, args: readonly string[], cwd: string = folder): Promise<string> {
  const path = [join(folder, "node_modules", ".bin"), dirname(process.execPath), process.env.PATH];
  const env = { ...environment, PATH: path.join(delimiter) };
  const options = { cwd, env, maxBuffer: 64 * 1024 * 1024 };
  try {
    return (await promisify(execFile)(program, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** The blocks of the guide: lines for a shell, and files that name themselves in their first line. */
async function readGuide(): Promise<readonly { readonly language: string; readonly text: string }[]> {
  const guide = await readFile(join(root, "docs", "guides", "write-an-extension.md"), "utf8");
  return [...guide.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
}

/** Does what the guide says, block after block, each from the workspace's folder on; returns what each printed. */
async function followGuide(): Promise<readonly string[]> {
  const printed: string[] = [];
  for (const { language, text } of await readGuide()) {
    if (language === "sh") {
      const [line = ""] = text.split("\n");
      printed.push(await timed(line, () => run("bash", ["-euo", "pipefail", "-c", text])));
      continue;
    }
    const [, name = ""] = /^\/\/ (\S+)\n/.exec(text) ?? [];
    await writeFile(join(folder, name), text);
  }
  return printed;
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

  it("does what the guide says: makes extensions in TypeScript and Python, tests them, and trains with them", async () => {
    const dependencies = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
    const manifest = { private: true, workspaces: ["rmtc-*"], dependencies };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    await writeFrames(join(folder, "plates"), "sh010", 3, { width: 24, height: 20 });
    await timed("install", () => run("npm", ["install"]));

    const [, strategy, trainer, inferer, training] = await followGuide();
    expect(strategy).toMatch(/Tests .*22 passed.*8 skipped/);
    for (const report of [trainer, inferer]) {
      expect(report).toMatch(/[1-9]\d pass, 0 fail, 0 error, /);
      expect(report).toContain("It conforms");
    }
    const [, line] = /^(\{"records".*)$/m.exec(training ?? "") ?? [];
    expect(JSON.parse(line ?? "{}").records).toMatchObject([
      { body: { strategy: { name: "rmtc-training-strategy-nas" }, trainer: { name: "rmtc-trainer-py" } } },
    ]);
  });

  it("makes a package of every other role in TypeScript that compiles", async () => {
    const roles = typeScriptRoles.filter((role) => role !== "training-strategy");
    for (const role of roles) await run("rmtc", ["new", role, "other", "--into", "others"]);
    for (const role of roles) {
      await run("tsc", ["--project", `others/rmtc-${role}-other`, "--typeRoots", "node_modules/@types"]);
    }
  });
});
