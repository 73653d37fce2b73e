// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import {
  isInVersionRange,
  judgeVersion,
  type PlatformRow,
  type PlatformRules,
  type PlatformUse,
  type PlatformYear,
  platformRules,
  platformYears,
  type VersionVerdict,
  vfxPlatformYears,
} from "@rmtc/spec";
import { canBeFound, type FoundSoftware, findComponent, packageOf } from "./component-names.ts";

/** A row of a year, with what was inherited from the VFX Platform. */
export interface YearRow {
  readonly component: string;
  /** The group of the addendum, or `vfx` for what the VFX Platform has. */
  readonly group: PlatformRow["group"] | "vfx";
  readonly version: string;
  readonly minMax: boolean;
  /** Whether nothing says so yet. */
  readonly unverified: boolean;
  readonly note?: string | undefined;
}

/** How what was found stands to one row. */
export interface JudgedRow extends YearRow {
  readonly found?: string | undefined;
  readonly verdict: VersionVerdict;
  /** What to do about it, where something is to be done. */
  readonly remedy?: string | undefined;
}

/**
 * Returns a year's own rows, then those that it inherits.
 *
 * @throws RMTC_NOT_FOUND when there is no such year.
 */
export function rowsOfYear(name: string): readonly YearRow[] {
  const year = platformYears.find((one) => one.year === name);
  if (year === undefined) {
    const known = platformYears.map((one) => one.year).join(", ");
    throw new RmtcError("RMTC_NOT_FOUND", `There is no platform year "${name}"; there are ${known}.`, {
      subject: name,
    });
  }
  const own = Object.entries(year.components).map(([component, row]) => ({
    component,
    group: row.group,
    version: row.version,
    minMax: row.min_max === true,
    unverified: row.unverified === true,
    note: row.note,
  }));
  return [...own, ...inheritedRows(year)];
}

function inheritedRows(year: PlatformYear): readonly YearRow[] {
  const vfx = vfxPlatformYears.find((one) => one.year === year.vfx_platform);
  return Object.entries(vfx?.components ?? {}).map(([component, row]) => ({
    component,
    group: "vfx",
    version: row.version,
    minMax: row.min_max === true,
    unverified: false,
  }));
}

/**
 * Judges programs and packages against a year. What cannot be looked up is `unknown`; with `foundOnly`, as for a
 * list of requirements, what isn't among them is left out. With `use` it is said that they are needed, not run.
 *
 * @throws RMTC_NOT_FOUND when there is no such year.
 */
export function judgePlatform(
  year: string,
  software: readonly FoundSoftware[],
  options: { readonly foundOnly?: boolean | undefined; readonly use?: PlatformUse | undefined } = {},
): readonly JudgedRow[] {
  return rowsOfYear(year)
    .map((row) => judgeRow(row, foundVersion(row.component, software), options.use))
    .filter(({ found }) => found !== undefined || options.foundOnly !== true);
}

function judgeRow(row: YearRow, found: string | undefined, use: PlatformUse | undefined): JudgedRow {
  const verdict =
    found === undefined && !canBeFound(row.component)
      ? "unknown"
      : judgeVersion({ version: row.version, ...(row.minMax ? { min_max: true as const } : {}) }, found, use);
  return {
    ...row,
    found,
    verdict,
    remedy: verdict === "fits" || verdict === "unknown" ? undefined : remedyFor(row, use),
  };
}

/** The highest opset and IR of an installed ONNX follow from its version, by the rules. */
function foundVersion(component: string, software: readonly FoundSoftware[]): string | undefined {
  const found = findComponent(component, software);
  if (found !== undefined) return found;
  const onnx = findComponent("onnx", software);
  const range = onnx === undefined ? undefined : ruleFor("onnx", onnx)?.needs[component]?.[0];
  return range?.startsWith("<=") === true ? range.slice(2) : undefined;
}

function ruleFor(component: string, version: string): PlatformRules["rules"][number] | undefined {
  return platformRules.find(
    (rule) => rule.component === component && isInVersionRange(version, rule.versions),
  );
}

function remedyFor({ component, group, version, minMax }: YearRow, use: PlatformUse | undefined): string {
  if (use === "needs") return `export it for ${component} ${version}${minMax ? " or lower" : ""}`;
  const name = group === "accelerator" ? undefined : packageOf(component);
  const numbers = version.replace(/\.x$/, "");
  return name === undefined
    ? `install ${component} ${numbers}${minMax ? " or newer" : ""}`
    : `pip install '${name}==${numbers}.*'`;
}
