// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The digest of every file of every frozen version, by version and path. */
interface FrozenList {
  readonly versions: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const versionName = /^\d+\.\d+$/;

/**
 * Copies the draft and the registries into a folder for a version, and lists the digest of every file.
 *
 * @param root folder with `draft`, `registry` and `frozen.json`
 */
export async function freeze(root: string, version: string): Promise<void> {
  const list = await readList(root);
  if (!versionName.test(version)) throw new Error(`"${version}" is no version, such as 0.1.`);
  if (version in list.versions || existsSync(join(root, version))) {
    throw new Error(`${version} is frozen already: what is wrong in it is put right in the next version.`);
  }
  await cp(join(root, "draft"), join(root, version), { recursive: true });
  await cp(join(root, "registry"), join(root, version, "registry"), { recursive: true });
  const versions = { ...list.versions, [version]: await digestsOf(join(root, version)) };
  await writeFile(join(root, "frozen.json"), `${JSON.stringify({ versions }, null, 2)}\n`);
}

/** Lists every byte that differs from what was frozen; the draft is free to change. */
export async function frozenIssues(root: string): Promise<string[]> {
  const { versions } = await readList(root);
  const folders = (await readdir(root)).filter((name) => versionName.test(name));
  const issues = folders.filter((name) => !(name in versions)).map((name) => `${name} is in no list`);
  for (const [version, frozen] of Object.entries(versions)) {
    const found = folders.includes(version) ? await digestsOf(join(root, version)) : {};
    for (const path of new Set([...Object.keys(frozen), ...Object.keys(found)])) {
      if (found[path] === frozen[path]) continue;
      const how = found[path] === undefined ? "gone" : frozen[path] === undefined ? "new" : "changed";
      issues.push(`${version}/${path} is ${how}`);
    }
  }
  return issues;
}

async function readList(root: string): Promise<FrozenList> {
  return JSON.parse(await readFile(join(root, "frozen.json"), "utf8")) as FrozenList;
}

async function digestsOf(folder: string): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const path of entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))) {
    const name = path
      .slice(folder.length + 1)
      .split(sep)
      .join("/");
    digests[name] = `sha256:${createHash("sha256")
      .update(await readFile(path))
      .digest("hex")}`;
  }
  return Object.fromEntries(Object.entries(digests).sort(([a], [b]) => (a < b ? -1 : 1)));
}

if (import.meta.main) await freeze(fileURLToPath(new URL("../", import.meta.url)), process.argv[2] ?? "");
