// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { glob, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The floors of the building: code in `src` imports only from floors below its own. Floor 5, the adapters,
 * stops at floor 3, so that no adapter knows the core or a neighbour.
 */
const floors: readonly (readonly string[])[] = [
  ["spec"],
  ["packages/contract"],
  ["packages/attest", "packages/query", "packages/formats/tensor"],
  ["packages/formats/image", "packages/formats/onnx", "packages/wire"],
  ["packages/core", "conformance"],
  [
    "packages/stores",
    "packages/blobs",
    "packages/trainers",
    "packages/strategies",
    "packages/schedulers",
    "packages/inferers",
  ],
  ["packages/apps"],
  ["examples", "bench"],
];
const adapters = 5;
/** Stores that stand on another store; see docs/decisions/0018-stores-that-stand-on-stores.md. */
const bases: ReadonlyMap<string, string> = new Map([
  ["packages/stores/file", "packages/stores/sqlite"],
  ["packages/stores/age", "packages/stores/postgres"],
]);
const highestForAdapters = 3;

const importPattern =
  /^(?:import|export)\b[^;"]*?\bfrom "([^"]+)";$|^import "([^"]+)";$|\bimport\("([^"]+)"\)/gm;

interface PackagePlace {
  readonly name: string;
  readonly folder: string;
  readonly floor: number;
  readonly declared: ReadonlySet<string>;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = new Map<string, PackagePlace>();
for await (const path of glob("{spec,conformance,bench,packages/**,examples/*}/package.json", {
  cwd: root,
  exclude: (name) => name.includes("node_modules"),
})) {
  const folder = dirname(path).split(sep).join("/");
  const manifest = JSON.parse(await readFile(join(root, path), "utf8")) as {
    name: string;
    dependencies?: Record<string, string>;
    peerDependencies?: Record<string, string>;
  };
  const floor = floors.findIndex((names) =>
    names.some((name) => folder === name || folder.startsWith(`${name}/`)),
  );
  const declared = new Set([
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
  ]);
  packages.set(manifest.name, { name: manifest.name, folder, floor, declared });
}

const problems: string[] = [];
for (const from of packages.values()) {
  if (from.floor === -1)
    problems.push(`${from.folder} stands on no floor; add it to scripts/check-floors.ts.`);
  for await (const path of glob("src/**/*.ts", { cwd: join(root, from.folder) })) {
    const file = join(root, from.folder, path);
    const text = await readFile(file, "utf8");
    for (const [, stated, bare, dynamic] of text.matchAll(importPattern)) {
      const specifier = stated ?? bare ?? dynamic ?? "";
      const place = `${relative(root, file)}: "${specifier}"`;
      if (specifier.startsWith(".")) {
        const target = relative(join(root, from.folder, "src"), join(dirname(file), specifier));
        if (target.startsWith("..")) problems.push(`${place} leaves its package's src folder.`);
        continue;
      }
      if (specifier.startsWith("node:")) continue;
      const name = specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
      if (!from.declared.has(name) && name !== from.name)
        problems.push(`${place} is not among the package's dependencies.`);
      const to = packages.get(name);
      if (to === undefined || to === from || to.folder === bases.get(from.folder)) continue;
      if (to.floor >= from.floor)
        problems.push(`${place} goes up: floor ${from.floor} to floor ${to.floor}.`);
      if (from.floor === adapters && to.floor > highestForAdapters)
        problems.push(`${place}: an adapter imports floors 0 to 3 only.`);
    }
  }
}
for (const problem of problems) console.error(problem);
console.log(`${packages.size} packages on ${floors.length} floors, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
