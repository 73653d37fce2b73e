// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawnSync } from "node:child_process";
import { access, cp, glob, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Releases in a copy of the manifests and changesets, and says which package would get which version. Nothing is
 * packed or published: `publint` and `attw` look at what would be.
 */
const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
}

const readManifest = async (folder: string, path: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, path), "utf8")) as Manifest;

const listChangesets = async (folder: string): Promise<string[]> =>
  (await readdir(join(folder, ".changeset"))).filter((name) => name.endsWith(".md"));

const problems: string[] = [];
const copy = await mkdtemp(join(tmpdir(), "rmtc-release-"));
try {
  const paths = await Array.fromAsync(
    glob("{package.json,{spec,conformance,bench,packages/**,examples/*}/package.json}", {
      cwd: root,
      exclude: (name) => name.includes("node_modules") || name === "templates",
    }),
  );
  for (const path of [...paths, "pnpm-workspace.yaml", ".changeset"]) {
    await cp(join(root, path), join(copy, path), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  const changesets = await listChangesets(copy);
  const { status, stdout, stderr } = spawnSync(join(root, "node_modules", ".bin", "changeset"), ["version"], {
    cwd: copy,
    encoding: "utf8",
  });
  if (status !== 0) problems.push(`changeset version failed:\n${stdout}${stderr}`);

  for (const name of await listChangesets(copy))
    problems.push(`.changeset/${name} names nothing to release.`);
  let released = 0;
  for (const path of paths.sort()) {
    const [before, after] = [await readManifest(root, path), await readManifest(copy, path)];
    if (before.version === after.version) continue;
    if (before.private === true) problems.push(`${before.name} is private and would be released.`);
    const changelog = join(copy, dirname(path), "CHANGELOG.md");
    await access(changelog).catch(() => problems.push(`${before.name} would have no changelog.`));
    console.log(`${before.name} ${before.version} → ${after.version}`);
    released += 1;
  }
  if (status === 0 && changesets.length > 0 && released === 0)
    problems.push("No changeset changes a version.");
  console.log(`${changesets.length} changesets would release ${released} packages.`);
} finally {
  await rm(copy, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
