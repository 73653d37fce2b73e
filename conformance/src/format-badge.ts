// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isAgainst } from "./make-report.ts";
import type { ConformanceReport } from "./report.ts";

/** Says in three words or so what several reports show. */
function summaryOf(reports: readonly ConformanceReport[]): { readonly text: string; readonly color: string } {
  const failed = reports.flatMap(({ cases }) => cases).filter(isAgainst).length;
  if (failed > 0) return { text: `${failed} failed`, color: "#b3261e" };
  if (reports.length === 0 || !reports.every(({ conforms }) => conforms))
    return { text: "partly run", color: "#6b7280" };
  const [first, second] = reports;
  if (first === undefined || second !== undefined)
    return { text: `${reports.length} roles conform`, color: "#1b7f3b" };
  const passed = first.counts.pass;
  return { text: `${first.role} conforms, ${passed} cases`, color: "#1b7f3b" };
}

/** Writes reports as a badge: an SVG of one line, which needs nothing from anywhere. */
export function formatBadge(reports: readonly ConformanceReport[]): string {
  const { text, color } = summaryOf(reports);
  const label = `RMTC ${/^[\d.]+$/.exec(reports[0]?.specVersion ?? "")?.[0] ?? ""}`.trim();
  // Widths of a proportional font are fitted by textLength, so that every renderer keeps within them.
  const [left, right] = [label.length * 7 + 14, text.length * 6.6 + 14].map(Math.round) as [number, number];
  const half = (start: number, width: number, words: string): string =>
    `<text x="${start + width / 2}" y="14" textLength="${width - 14}" lengthAdjust="spacingAndGlyphs">${words}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${label}: ${text}">
<title>${label}: ${text}</title>
<clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#30363d"/><rect x="${left}" width="${right}" height="20" fill="${color}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
${half(0, left, label)}
${half(left, right, text)}
</g>
</svg>
`;
}
