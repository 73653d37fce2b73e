// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PlatformRow } from "../generated/types.ts";
import { compareVersions, versionNumbers } from "./version-range.ts";

/** How a version stands to a row of a year. */
export type VersionVerdict = "fits" | "too old" | "too new" | "missing" | "unknown";

/** What a row asks for. */
export type PlatformRequirement = Pick<PlatformRow, "version" | "min_max">;

/** Whether somebody runs a component, or has made something that needs it. */
export type PlatformUse = "runs" | "needs";

/**
 * Judges the version of a component that somebody runs or needs. With `min_max` the row is a minimum for who runs
 * it and the highest allowed for who needs it; otherwise what is found must begin with the row's numbers.
 * `missing` where there is none, `unknown` where it cannot be read or the one found says less than the row asks.
 */
export function judgeVersion(
  row: PlatformRequirement,
  found: string | undefined,
  use: PlatformUse = "runs",
): VersionVerdict {
  if (found === undefined) return "missing";
  const numbers = versionNumbers(found);
  const wanted = versionNumbers(row.version);
  if (numbers === undefined || wanted === undefined) return "unknown";
  const order = compareVersions(numbers, wanted);
  const fitsBelow = row.min_max === true && use === "needs";
  const fitsAbove = row.min_max === true && use === "runs";
  if (order < 0) return fitsBelow ? "fits" : "too old";
  if (order > 0) return fitsAbove ? "fits" : "too new";
  return numbers.length < wanted.length ? "unknown" : "fits";
}
