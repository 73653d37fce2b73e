// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { basename, resolve } from "node:path";
import { makeReport } from "../make-report.ts";
import type { CaseResult, ConformanceReport } from "../report.ts";
import { type CheckDocumentsOptions, type CheckedDocuments, checkDocuments } from "./check-documents.ts";
import { type DocumentCheck, documentChecks } from "./document-checks.ts";

const maxMessages = 5;

/**
 * Checks the documents in a folder, and reports on every check and every file.
 *
 * All checks share one reading of the folder, and so its time.
 *
 * @throws RMTC_NOT_FOUND, RMTC_OPTION_INVALID or RMTC_LIMIT_EXCEEDED as `checkDocuments` does.
 */
export async function reportDocuments(
  folder: string,
  options: CheckDocumentsOptions = {},
): Promise<ConformanceReport> {
  const startedAt = new Date();
  const start = performance.now();
  const checked = await checkDocuments(folder, options);
  const share = (performance.now() - start) / 1_000 / documentChecks.length;
  return makeReport({
    role: "documents",
    subject: { name: basename(resolve(folder)), capabilities: {} },
    startedAt,
    cases: documentChecks.map((check) => ({
      ...check,
      ...outcomeOf(check, checked),
      durationSeconds: share,
    })),
    documents: checked.files,
    isWhole: true,
  });
}

/** A file that could not be read leaves open whether it is even JSON. */
function outcomeOf({ id }: DocumentCheck, checked: CheckedDocuments): Pick<CaseResult, "status" | "message"> {
  const wrong = checked.files.flatMap(({ file, problems }) =>
    problems
      .filter(({ check }) => check === id)
      .map(({ code, pointer, message }) => `${file}#${pointer} ${code}: ${message}`),
  );
  if (wrong.length > 0) return { status: "fail", message: firstOf(wrong) };
  const unread = checked.files.flatMap(({ file, status, message }) =>
    status === "error" ? [`${file} could not be read. ${message}`] : [],
  );
  if (id === "documents.json.i-json" && unread.length > 0)
    return { status: "error", message: firstOf(unread) };
  if (checked.applied.has(id)) return { status: "pass" };
  return { status: "unsupported", message: "Nothing in the folder is of the sort that this is about." };
}

function firstOf(messages: readonly string[]): string {
  const shown = messages.slice(0, maxMessages);
  const rest = messages.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n");
}
