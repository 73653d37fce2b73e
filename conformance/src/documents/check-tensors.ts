// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { type CallOptions, isRmtcError } from "@rmtc/contract";
import { validateDocument } from "@rmtc/spec";
import { findLayoutIssue, openSafetensors } from "@rmtc/tensor";
import type { DocumentCheckName } from "./document-checks.ts";
import type { FileFindings } from "./file-findings.ts";

const checkByCode: Readonly<Record<string, DocumentCheckName>> = {
  RMTC_FORMAT_INVALID: "tensors.format",
  RMTC_FORMAT_UNSUPPORTED: "tensors.dtypes",
  RMTC_LIMIT_EXCEEDED: "tensors.limits",
};

/** Checks a safetensors file and the layouts in it; no tensor is read. */
export async function checkTensorFile(
  folder: string,
  findings: FileFindings,
  options: CallOptions,
): Promise<void> {
  findings.applies("tensors.format", "tensors.dtypes", "tensors.limits");
  try {
    await using _file = await openSafetensors(join(folder, findings.file), options);
  } catch (error) {
    const check = isRmtcError(error) ? checkByCode[error.code] : undefined;
    if (check !== undefined) findings.failBy(check, error, "");
    else throw error;
  }
}

/** Checks a layout that stands by itself, or one of several under their names. */
export function checkLayout(layout: unknown, findings: FileFindings, pointer: string): void {
  findings.applies("layout.schema", "layout.rules");
  const issue = validateDocument("tensorLayout", layout);
  if (issue !== undefined) {
    const message = `In a tensor layout, "${issue.pointer}" ${issue.message}.`;
    findings.fail("layout.schema", "RMTC_DOCUMENT_INVALID", `${pointer}${issue.pointer}`, message);
    return;
  }
  const broken = findLayoutIssue(layout);
  if (broken === undefined) return;
  const message = `In a tensor layout, "${broken.pointer}" ${broken.message}.`;
  findings.fail("layout.rules", "RMTC_DOCUMENT_INVALID", `${pointer}${broken.pointer}`, message);
}
