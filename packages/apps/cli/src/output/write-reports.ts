// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { extname } from "node:path";
import { type ConformanceReport, formatBadge, formatHtml, formatJunit } from "@rmtc/conformance";
import { RmtcError } from "@rmtc/contract";
import { replaceFile } from "@rmtc/tensor";

const formats: Readonly<Record<string, (reports: readonly ConformanceReport[]) => string>> = {
  ".json": (reports) => `${JSON.stringify(reports, null, 2)}\n`,
  ".xml": formatJunit,
  ".html": formatHtml,
  ".svg": formatBadge,
};

/**
 * Checks, before a long run, that every path has a suffix that stands for a format.
 *
 * @throws RMTC_OPTION_INVALID when one has not.
 */
export function checkReportPaths(paths: readonly string[]): void {
  const wrong = paths.find((path) => !Object.hasOwn(formats, extname(path)));
  if (wrong === undefined) return;
  const message = `${wrong} must end in ${Object.keys(formats).join(", ")}.`;
  throw new RmtcError("RMTC_OPTION_INVALID", message, { subject: "--report" });
}

/** Writes reports to each path in the format that its suffix stands for; a file is there whole or not at all. */
export async function writeReports(
  reports: readonly ConformanceReport[],
  paths: readonly string[],
): Promise<void> {
  for (const path of paths) {
    const text = formats[extname(path)]?.(reports) ?? "";
    await replaceFile(path, [Buffer.from(text)]);
  }
}
