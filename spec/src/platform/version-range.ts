// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

const version = /^\d+(\.\d+)*/;

/** Returns the numbers of a version, without what comes behind them, such as `+cu128` or `rc1`. */
export function versionNumbers(text: string): readonly number[] | undefined {
  return version.exec(text)?.[0].split(".").map(Number);
}

/** Compares versions number by number, as far as both have some; less than, equal to or greater than 0. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Tells whether a version lies in a range: a version such as `12.8.x` or `12.8`, whose numbers must be the first
 * ones, or limits that must all hold, such as `>=3.10 <3.15`. Numbers that a limit does not have don't count, so
 * that 3.14.2 is not above `<=3.14`. What has no number lies in no range.
 */
export function isInVersionRange(text: string, range: string): boolean {
  const numbers = versionNumbers(text);
  if (numbers === undefined) return false;
  return range.split(" ").every((limit) => {
    const [, operator = "", bound = ""] = /^([<>]=?)?(.*)$/.exec(limit) ?? [];
    const wanted = versionNumbers(bound);
    if (wanted === undefined) return false;
    const order = compareVersions(numbers, wanted);
    switch (operator) {
      case ">=":
        return order >= 0;
      case ">":
        return order > 0;
      case "<=":
        return order <= 0;
      case "<":
        return order < 0;
      default:
        return order === 0;
    }
  });
}
