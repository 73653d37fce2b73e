// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { PartName, RmtcRecord } from "@rmtc/spec";
import { checkRecord } from "./check-record.ts";
import { restoreRecord } from "./restore-record.ts";

/**
 * Joins two copies of one record: the result discloses what either of them discloses, except `erased` parts.
 *
 * @throws RMTC_RECORD_CONFLICT when the two do not have the same digest.
 * @throws RMTC_DOCUMENT_INVALID when one of them is not well formed.
 * @see spec/draft/record.md#redaction
 */
export function mergeDisclosure(a: RmtcRecord, b: RmtcRecord, erased: Iterable<PartName> = []): RmtcRecord {
  const left = checkRecord(a);
  const right = checkRecord(b);
  if (left.digest !== right.digest) {
    throw new RmtcError(
      "RMTC_RECORD_CONFLICT",
      `Record ${b.id} has the digest ${right.digest}, but ${a.id} is held under ${left.digest}; give the new record a new id, or import it apart.`,
      { subject: b.id },
    );
  }
  const parts = new Map([...right.disclosed, ...left.disclosed].map((part) => [part.name, part]));
  for (const name of erased) parts.delete(name);
  return restoreRecord(left.envelope, parts.values());
}
