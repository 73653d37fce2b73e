// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { escapeTerminal } from "./escape-text.ts";
import { verdictOf } from "./make-report.ts";
import type { CaseResult, ConformanceReport } from "./report.ts";

/**
 * Writes a report as a plain text table: one line for each case, what went wrong below it, the sums last.
 *
 * Cases that passed are left out unless `all` is set.
 */
export function formatReport(report: ConformanceReport, options: { readonly all?: boolean } = {}): string {
  const { subject, counts } = report;
  const shown = report.cases.filter(({ status }) => options.all === true || status !== "pass");
  const idWidth = Math.max(0, ...shown.map(({ id }) => id.length));
  const specWidth = Math.max(0, ...shown.map(({ spec }) => spec.length));
  const extension =
    subject.extension === undefined ? "" : ` (${subject.extension} ${subject.extensionVersion ?? ""})`;
  const lines = [
    `${report.role} ${subject.name}${extension}${subject.contract === undefined ? "" : `, contract ${subject.contract}`}`,
    `RMTC ${report.specVersion}, suite ${report.suiteVersion}, ${report.startedAt}`,
    "",
    ...shown.flatMap((one) => linesOf(one, idWidth, specWidth)),
    ...(shown.length === 0 ? [] : [""]),
    `${counts.pass} pass, ${counts.fail} fail, ${counts.error} error, ${counts.unsupported} unsupported`,
    ...filesLine(report.documents),
    verdictOf(report),
  ];
  return escapeTerminal(`${lines.join("\n")}\n`);
}

function filesLine(documents: ConformanceReport["documents"]): readonly string[] {
  if (documents === undefined) return [];
  const ignored = documents.filter(({ status }) => status === "ignored").length;
  const gaps = documents.reduce((sum, one) => sum + one.gaps.length, 0);
  return [
    `${documents.length} files, ${ignored} of them ignored; ${gaps} gaps, which are things that are not there`,
  ];
}

function linesOf(
  { id, level, spec, status, title, message }: CaseResult,
  idWidth: number,
  specWidth: number,
): string[] {
  const head = `${status.padEnd(11)}  ${level.padEnd(6)}  ${id.padEnd(idWidth)}  ${spec.padEnd(specWidth)}  ${title}`;
  if (status !== "fail" && status !== "error") return [head];
  const reasons = (message ?? "").split("\n").filter((line) => line.trim() !== "");
  return [head, ...reasons.map((line) => `${" ".repeat(13)}${line}`)];
}
