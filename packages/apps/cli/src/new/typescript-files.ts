// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type ExtensionFiles, refuseRole } from "./extension-files.ts";
import type { ExtensionName } from "./extension-name.ts";

/** Each role, with the field of `rmtc.config.ts` that names its extension, if there is one. */
const configKeys: Readonly<Record<string, string | undefined>> = {
  "record-store": "records",
  "run-store": "runs",
  "blob-store": "blobs",
  "training-strategy": "strategy",
  trainer: "trainer",
  scheduler: "scheduler",
  inferer: "inferer",
  converter: undefined,
};

/** The roles that there are templates for. */
export const typeScriptRoles: readonly string[] = Object.keys(configKeys);

const templates = fileURLToPath(new URL("../../templates/", import.meta.url));

/** The parts of a package.json that a role's template and the common one share out between them. */
interface Manifest {
  readonly description: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/**
 * Makes the files of an extension in TypeScript: those of the role's template under the new name, and those that all
 * templates share.
 *
 * @throws RMTC_OPTION_INVALID when there is no such role.
 */
export async function typeScriptFiles(role: string, name: ExtensionName): Promise<ExtensionFiles> {
  if (!typeScriptRoles.includes(role)) refuseRole(role, "TypeScript", typeScriptRoles);
  const files = new Map<string, string>();
  const rename = (text: string): string =>
    text.replaceAll(/rmtc-[a-z-]+-acme|Acme|acme/g, (found) => {
      if (found === "Acme") return name.className;
      return found === "acme" ? name.name : name.packageName;
    });
  for (const [path, text] of await readFolder(join(templates, role))) files.set(rename(path), rename(text));
  const common = await readFolder(join(templates, "common"));
  const shared = (file: string): string => common.get(file) ?? "";
  const own = JSON.parse(files.get("package.json") ?? "{}") as Manifest;
  const manifest = { ...own, ...(JSON.parse(shared("manifest.json")) as Manifest) };
  files.set(
    "package.json",
    json({
      ...manifest,
      dependencies: await withRanges(own.dependencies),
      devDependencies: await withRanges(manifest.devDependencies),
    }),
  );
  files.set("tsconfig.json", shared("tsconfig.json"));
  files.set(".gitignore", shared("gitignore"));
  const key = configKeys[role];
  const readme =
    shared("README.md") + (key === undefined ? "" : `\n${shared("use.md").replace("CONFIG_KEY", key)}`);
  files.set("README.md", rename(readme.replaceAll("ROLE", role).replace("DESCRIPTION", own.description)));
  return { files, commands: ["npm install", "npm test"] };
}

/** Contents by path. */
async function readFolder(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.set(relative(folder, path).split(sep).join("/"), await readFile(path, "utf8"));
  }
  return found;
}

/** Puts the range that starts at the version in use here in place of each `*`. */
async function withRanges(
  dependencies: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const ranges = Object.entries(dependencies).map(async ([name, range]) => {
    if (range !== "*") return [name, range] as const;
    const module = (await import(`${name}/package.json`, { with: { type: "json" } })) as {
      readonly default: { readonly version: string };
    };
    return [name, `^${module.default.version}`] as const;
  });
  return Object.fromEntries(await Promise.all(ranges));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
