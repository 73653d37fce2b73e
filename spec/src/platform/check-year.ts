// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PlatformRules, PlatformYear, VfxPlatformYear } from "../generated/types.ts";
import { validateDocument } from "../validate.ts";
import { isInVersionRange } from "./version-range.ts";

/** What is wrong with a year of the addendum. */
export interface PlatformProblem {
  /** The number of the demand of `platform.md` that is not met. */
  readonly demand: string;
  /** RFC 6901 pointer to the row that is wrong. */
  readonly pointer: string;
  readonly message: string;
}

/**
 * Checks one year of the addendum: its shape, its sources, that what it inherits is there, and that its rows
 * contradict no rule. Returns everything that is wrong; a wrong shape is the only answer where there is one.
 */
export function checkPlatformYear(
  year: unknown,
  vfxYears: readonly VfxPlatformYear[],
  rules: PlatformRules["rules"],
): readonly PlatformProblem[] {
  const shape = validateDocument("platformYear", year);
  if (shape !== undefined) return [{ demand: "RMTC-PLT-001", ...shape }];
  const { status, components, vfx_platform } = year as PlatformYear;
  const vfx = vfxYears.find((one) => one.year === vfx_platform);
  if (vfx === undefined) {
    const message = `there is no year ${vfx_platform} of the VFX Platform to inherit from`;
    return [{ demand: "RMTC-PLT-004", pointer: "/vfx_platform", message }];
  }
  const problems: PlatformProblem[] = [];
  for (const [id, row] of Object.entries(components)) {
    const pointer = `/components/${id}`;
    if (Object.hasOwn(vfx.components, id)) {
      const message = `the VFX Platform's ${vfx.year} has this row; it is inherited, not repeated`;
      problems.push({ demand: "RMTC-PLT-004", pointer, message });
    }
    if (status === "final" && row.unverified === true) {
      problems.push({ demand: "RMTC-PLT-007", pointer, message: "is unverified, and the year is final" });
    }
  }
  const rows = { ...vfx.components, ...components };
  for (const [id, { version }] of Object.entries(rows)) {
    for (const { component, versions, needs } of rules) {
      if (component !== id || !isInVersionRange(version, versions)) continue;
      for (const [needed, ranges] of Object.entries(needs)) {
        const row = rows[needed];
        if (row === undefined || ranges.some((range) => isInVersionRange(row.version, range))) continue;
        const message = `${id} ${version} needs ${needed} ${ranges.join(" or ")}, and the year has ${row.version}`;
        problems.push({ demand: "RMTC-PLT-005", pointer: `/components/${id}`, message });
      }
    }
  }
  return problems;
}
