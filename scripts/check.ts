// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawnSync } from "node:child_process";
import { glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Exactly what CI runs, in order. The first step that fails ends it. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

const bin = (name: string): string => join(root, "node_modules", ".bin", name);
const script = (...path: string[]): string[] => [
  process.execPath,
  "--conditions=@rmtc/source",
  join(root, ...path),
];

const steps: readonly Step[] = [
  { name: "format and lint", command: [bin("biome"), "ci", "--error-on-warnings", "."] },
  { name: "floors", command: script("scripts", "check-floors.ts") },
  { name: "boundaries", command: [bin("turbo"), "boundaries"] },
  { name: "build", command: [bin("tsc"), "-b"] },
  { name: "types of tests", command: [bin("tsc"), "-p", "tsconfig.test.json"] },
  { name: "release, dry run", command: script("scripts", "check-release.ts") },
  { name: "unused code", command: [bin("knip")] },
  { name: "tests", command: [process.execPath, join(root, "scripts", "run.mjs"), "test"] },
  ...(await packageSteps()),
];

/** What a published package must look like: publint and attw, for each one that is not private. */
async function packageSteps(): Promise<Step[]> {
  const found: Step[] = [];
  const manifests = glob("{spec,conformance,packages/**}/package.json", {
    cwd: root,
    exclude: (name) => name.includes("node_modules") || name === "templates",
  });
  for await (const path of manifests) {
    const folder = join(root, dirname(path));
    const manifest = JSON.parse(await readFile(join(root, path), "utf8")) as {
      name: string;
      private?: boolean;
    };
    if (manifest.private === true) continue;
    found.push({ name: `publint ${manifest.name}`, command: [bin("publint"), "--strict", folder] });
    found.push({
      name: `types of ${manifest.name} as published`,
      command: [bin("attw"), "--pack", folder, "--profile", "esm-only", "--format", "ascii", "--quiet"],
    });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const started = performance.now();
for (const { name, command } of steps) {
  const [program = "", ...args] = command;
  console.log(`\n▶ ${name}`);
  const { status } = spawnSync(program, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
  if (status !== 0) {
    console.error(`\n✘ ${name} failed`);
    process.exit(1);
  }
}
console.log(`\n✔ ${steps.length} checks in ${((performance.now() - started) / 1000).toFixed(0)} s`);
