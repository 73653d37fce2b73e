// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RmtcRecord, Supersession } from "@rmtc/spec";

/** Tells whether a record's body says of a `supersedes` link whether it is a revision or a correction. */
export function isMarked(record: RmtcRecord, link: number): boolean {
  return marksOf(record.body, link).length > 0;
}

/** Tells whether a body marks a `supersedes` link as a revision; without a mark it is a correction. */
export function isRevision(body: RmtcRecord["body"], link: number): boolean {
  const marks = marksOf(body, link);
  return marks.length > 0 && marks.every((mark) => mark.as === "revision");
}

function marksOf(body: RmtcRecord["body"], link: number): Partial<Supersession>[] {
  const details: unknown = body?.supersedes;
  return Array.isArray(details) ? details.filter((detail) => detail?.link === link) : [];
}
