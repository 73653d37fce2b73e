// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RmtcError } from "@rmtc/contract";
import {
  type PlatformRules,
  platformRules,
  type VfxPlatformYear,
  validateDocument,
  vfxPlatformYears,
} from "@rmtc/spec";
import { parse } from "yaml";

/** An edition of the AI platform as somebody wrote it. */
export interface PlatformEdition {
  /** The years as they were read, by the names of their files; nobody has looked at them yet. */
  readonly years: ReadonlyMap<string, unknown>;
  /** The edition's own, else those that were published with the standard. */
  readonly vfxYears: readonly VfxPlatformYear[];
  /** The edition's own, else those that were published with the standard. */
  readonly rules: PlatformRules["rules"];
}

const maxBytes = 1024 * 1024;
const rulesFile = "rules.yml";

/**
 * Reads a folder that is laid out as `platform/` of the standard is: years as `*.yml`, the rows that they inherit
 * in `vfx/*.yml`, and `rules.yml`. Links are passed over.
 *
 * @throws RMTC_NOT_FOUND when there is no such folder, or no year in it.
 * @throws RMTC_FORMAT_INVALID when a file is no YAML; RMTC_LIMIT_EXCEEDED when it has more than 1 MiB.
 * @throws RMTC_DOCUMENT_INVALID when the rules or an inherited year do not match their schema.
 */
export async function readEdition(folder: string): Promise<PlatformEdition> {
  const names = await yamlFiles(folder);
  const years = new Map<string, unknown>();
  for (const name of names) if (name !== rulesFile) years.set(name, await readYaml(folder, name));
  if (years.size === 0) {
    throw new RmtcError("RMTC_NOT_FOUND", `There is no year in ${folder}; a year is a file *.yml.`, {
      subject: folder,
    });
  }
  const vfxYears: VfxPlatformYear[] = [];
  for (const name of await yamlFiles(join(folder, "vfx")).catch(() => [])) {
    vfxYears.push((await readValid(folder, join("vfx", name), "vfxPlatformYear")) as VfxPlatformYear);
  }
  const rules = names.includes(rulesFile)
    ? ((await readValid(folder, rulesFile, "platformRules")) as PlatformRules).rules
    : platformRules;
  return { years, vfxYears: vfxYears.length > 0 ? vfxYears : vfxPlatformYears, rules };
}

async function yamlFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new RmtcError("RMTC_NOT_FOUND", `There is no folder ${folder}.`, { subject: folder, cause });
  });
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

async function readValid(
  folder: string,
  name: string,
  schema: "vfxPlatformYear" | "platformRules",
): Promise<unknown> {
  const value = await readYaml(folder, name);
  const issue = validateDocument(schema, value);
  if (issue === undefined) return value;
  throw new RmtcError("RMTC_DOCUMENT_INVALID", `${name}: "${issue.pointer}" ${issue.message}.`, {
    subject: join(folder, name),
    pointer: issue.pointer,
  });
}

async function readYaml(folder: string, name: string): Promise<unknown> {
  const path = join(folder, name);
  if ((await lstat(path)).size > maxBytes) {
    throw new RmtcError("RMTC_LIMIT_EXCEEDED", `${name} has more than ${maxBytes} bytes.`, { subject: path });
  }
  try {
    return parse(await readFile(path, "utf8"), { maxAliasCount: 0 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new RmtcError("RMTC_FORMAT_INVALID", `${name} is no YAML: ${reason}`, { subject: path, cause });
  }
}
