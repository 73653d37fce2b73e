// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isAgainst } from "./make-report.ts";
import type { CaseResult, ConformanceReport } from "./report.ts";

/** A case whose result differs between two reports; a status is missing where the report lacks the case. */
export interface ChangedCase {
  readonly id: string;
  readonly before?: CaseResult["status"];
  readonly after?: CaseResult["status"];
}

/** What became of the cases of one role from one report to the next. */
export interface RoleComparison {
  readonly role: ConformanceReport["role"];
  /** Cases of level `must` or `should` that end in `fail` or `error` now and did not before, new ones included. */
  readonly newlyFailing: readonly ChangedCase[];
  readonly newlyPassing: readonly ChangedCase[];
  /** Cases that were there before. */
  readonly missing: readonly ChangedCase[];
  /** Cases that were not there before, and do not fail. */
  readonly added: readonly ChangedCase[];
  /** Whatever else has another status. */
  readonly changed: readonly ChangedCase[];
  /** Whether something of level `must` fails newly, or is missing. */
  readonly isWorse: boolean;
}

/**
 * Compares reports by role and case id; a role that only one side has counts with all its cases as new or missing.
 *
 * @see spec/draft/conformance.md#reports
 */
export function compareReports(
  before: readonly ConformanceReport[],
  after: readonly ConformanceReport[],
): readonly RoleComparison[] {
  const roles = new Set([...before, ...after].map(({ role }) => role));
  return [...roles].map((role) => compareRole(role, casesOf(before, role), casesOf(after, role)));
}

function casesOf(
  reports: readonly ConformanceReport[],
  role: ConformanceReport["role"],
): ReadonlyMap<string, CaseResult> {
  const cases = reports.filter((report) => report.role === role).flatMap((report) => report.cases);
  return new Map(cases.map((one) => [one.id, one]));
}

function compareRole(
  role: ConformanceReport["role"],
  before: ReadonlyMap<string, CaseResult>,
  after: ReadonlyMap<string, CaseResult>,
): RoleComparison {
  const newlyFailing: ChangedCase[] = [];
  const newlyPassing: ChangedCase[] = [];
  const missing: ChangedCase[] = [];
  const added: ChangedCase[] = [];
  const changed: ChangedCase[] = [];
  let isWorse = false;
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(id), after.get(id)];
    if (old?.status === now?.status) continue;
    const change: ChangedCase = {
      id,
      ...(old === undefined ? {} : { before: old.status }),
      ...(now === undefined ? {} : { after: now.status }),
    };
    if (now === undefined) {
      missing.push(change);
      isWorse ||= old?.level === "must";
    } else if (hasFailed(now) && (old === undefined || !hasFailed(old))) {
      newlyFailing.push(change);
      isWorse ||= isAgainst(now);
    } else if (old === undefined) added.push(change);
    else if (now.status === "pass") newlyPassing.push(change);
    else changed.push(change);
  }
  return { role, newlyFailing, newlyPassing, missing, added, changed, isWorse };
}

function hasFailed({ status }: CaseResult): boolean {
  return status === "fail" || status === "error";
}

const headings = {
  newlyFailing: "newly failing",
  newlyPassing: "newly passing",
  missing: "missing",
  added: "new",
  changed: "otherwise changed",
} as const;

/** Writes comparisons as plain text. */
export function formatComparison(comparisons: readonly RoleComparison[]): string {
  const lines = comparisons.flatMap((comparison) => {
    const lists = Object.entries(headings).flatMap(([name, heading]) => {
      const cases = comparison[name as keyof typeof headings];
      if (cases.length === 0) return [];
      const listed = cases.map(
        ({ id, before = "none", after = "none" }) => `    ${id}: ${before} to ${after}`,
      );
      return [`  ${heading}: ${cases.length}`, ...listed];
    });
    return [comparison.role, ...(lists.length === 0 ? ["  no difference"] : lists)];
  });
  return `${lines.join("\n")}\n`;
}
