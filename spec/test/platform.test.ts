// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import {
  checkPlatformYear,
  judgeVersion,
  type PlatformRequirement,
  type PlatformRules,
  type PlatformUse,
  platformRules,
  platformYears,
  type VfxPlatformYear,
  validateDocument,
  vfxPlatformYears,
} from "../src/index.ts";
import { readJson } from "./read-json.ts";

interface YearTest {
  readonly description: string;
  readonly year: unknown;
  readonly problems: readonly { readonly demand: string; readonly pointer: string }[];
}

interface VersionTest {
  readonly description: string;
  readonly row: PlatformRequirement;
  readonly use?: PlatformUse;
  readonly found?: string;
  readonly verdict: string;
}

const { vfxYears, rules, tests } = await readJson<{
  readonly vfxYears: readonly VfxPlatformYear[];
  readonly rules: PlatformRules["rules"];
  readonly tests: readonly (YearTest | VersionTest)[];
}>("draft/vectors/platform.json");

describe("the vectors of platform.json", () => {
  it.each(tests.filter((test) => "year" in test).map((test) => [test.description, test] as const))(
    "%s",
    (_, { year, problems }) => {
      const found = checkPlatformYear(year, vfxYears, rules);
      expect(found.map(({ demand, pointer }) => ({ demand, pointer }))).toEqual(problems);
    },
  );

  it.each(tests.filter((test) => "row" in test).map((test) => [test.description, test] as const))(
    "%s",
    (_, { row, found, use, verdict }) => expect(judgeVersion(row, found, use)).toBe(verdict),
  );
});

describe("the addendum", () => {
  it.each(platformYears.map((year) => [year.year, year] as const))("%s keeps its own demands", (_, year) => {
    expect(checkPlatformYear(year, vfxPlatformYears, platformRules)).toEqual([]);
  });

  it("has rules and inherited rows that match their schemas", () => {
    expect(validateDocument("platformRules", { rules: platformRules })).toBeUndefined();
    for (const year of vfxPlatformYears) expect(validateDocument("vfxPlatformYear", year)).toBeUndefined();
  });

  it("has a rule that applies to a row of each year, so that a contradiction would be seen", () => {
    for (const year of platformYears) {
      const named = new Set(platformRules.map(({ component }) => component));
      expect(Object.keys(year.components).filter((id) => named.has(id)).length).toBeGreaterThan(5);
      const without = structuredClone(year) as { components: Record<string, { version: string }> };
      (without.components.cuda as { version: string }).version = "11.8.x";
      expect(checkPlatformYear(without, vfxPlatformYears, platformRules)).toMatchObject([
        { demand: "RMTC-PLT-005", pointer: "/components/pytorch" },
      ]);
    }
  });
});
