// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PartName, RmtcRecord } from "@rmtc/spec";
import { checkRecord } from "./check-record.ts";
import { partNames } from "./part-hash.ts";
import { restoreRecord } from "./restore-record.ts";

/**
 * Withholds parts of a record: value and salt go, the hash stays in `redacted`, and the digest is unchanged.
 *
 * Parts that the record does not have, or that are redacted already, are passed over.
 *
 * @throws RMTC_DOCUMENT_INVALID when the record is not well formed.
 * @see spec/draft/record.md#redaction
 */
export function redact(record: RmtcRecord, parts: Iterable<PartName>): RmtcRecord {
  const hidden = new Set(parts);
  const checked = checkRecord(record);
  return restoreRecord(
    checked.envelope,
    checked.disclosed.filter(({ name }) => !hidden.has(name)),
  );
}

/** Makes a record's tombstone: every part is redacted, and lineage through it stays whole and proved. */
export function tombstone(record: RmtcRecord): RmtcRecord {
  return redact(record, partNames);
}

/** Tells whether a record has parts and discloses none of them. */
export function isTombstone(record: RmtcRecord): boolean {
  return record.redacted !== undefined && partNames.every((name) => record[name] === undefined);
}
