// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { parseJson } from "@rmtc/attest";
import { RmtcError } from "@rmtc/contract";
import { validateDocument } from "@rmtc/spec";
import type { ConformanceReport } from "./report.ts";

/**
 * Reads the JSON of a report, or of a list of reports, that anybody may have written.
 *
 * @throws RMTC_JSON_INVALID when it is not I-JSON.
 * @throws RMTC_DOCUMENT_INVALID with a pointer when it is no report.
 */
export function parseReports(text: string | Uint8Array): readonly ConformanceReport[] {
  const value = parseJson(text);
  const isList = Array.isArray(value);
  const reports: readonly unknown[] = isList ? value : [value];
  for (const [index, report] of reports.entries()) {
    const issue = validateDocument("conformanceReport", report);
    if (issue === undefined) continue;
    const pointer = `${isList ? `/${index}` : ""}${issue.pointer}`;
    throw new RmtcError("RMTC_DOCUMENT_INVALID", `It is no report: "${pointer}" ${issue.message}.`, {
      pointer,
    });
  }
  return reports as readonly ConformanceReport[];
}
