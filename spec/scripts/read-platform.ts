// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { PlatformRules, PlatformYear, VfxPlatformYear } from "../src/generated/types.ts";

/** The addendum as it stands in `platform/`. */
export interface Platform {
  readonly years: readonly PlatformYear[];
  readonly vfxYears: readonly VfxPlatformYear[];
  readonly rules: PlatformRules["rules"];
}

const folder = new URL("../platform/", import.meta.url);

/** Reads the years, the oldest first, what they inherit, and the rules. */
export async function readPlatform(): Promise<Platform> {
  const { rules } = (await readYaml("rules.yml")) as PlatformRules;
  return { years: await readYears(""), vfxYears: await readYears("vfx/"), rules };
}

async function readYears<Year>(path: string): Promise<readonly Year[]> {
  const names = (await readdir(new URL(path, folder))).filter((name) => /^CY.*\.yml$/.test(name)).sort();
  return (await Promise.all(names.map((name) => readYaml(`${path}${name}`)))) as readonly Year[];
}

async function readYaml(path: string): Promise<unknown> {
  return parse(await readFile(new URL(path, folder), "utf8"));
}
