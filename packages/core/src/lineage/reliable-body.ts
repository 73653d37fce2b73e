// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { kindFamilies, type RecordId, type RmtcRecord, type SchemaName, validateDocument } from "@rmtc/spec";
import type { LedgerFact } from "./read-ledger.ts";

const knownKinds: ReadonlySet<string> = new Set(Object.values(kindFamilies).flat());

/** Tells whether this version of the standard has the kind. */
export function isKnownKind(kind: string): boolean {
  return knownKinds.has(kind);
}

/**
 * Returns a record's body unless it does not match the schema of its kind: a store takes any body, and one
 * that cannot be relied upon counts as withheld.
 */
export function reliableBody(record: RmtcRecord): RmtcRecord["body"] {
  const { kind, body } = record;
  if (body === undefined || !isKnownKind(kind)) return body;
  return validateDocument(kind as SchemaName, body) === undefined ? body : undefined;
}

/** Lists the notices that say a record's body is wrong, unless a trusted notice received later withdraws it. */
export function correctingNotices(id: RecordId, facts: readonly LedgerFact[]): RecordId[] {
  let notices: RecordId[] = [];
  for (const { fact, about, notice, trusted } of facts) {
    if (fact.type !== "correction" || !about.includes(id)) continue;
    if (fact.parts !== undefined && !fact.parts.includes("body")) continue;
    if (fact.effect === "asserts") notices.push(notice);
    else if (trusted) notices = [];
  }
  return notices;
}

/** The record as an answer may rely on it: without a body that is not well formed or is said to be wrong. */
export function reliableRecord(record: RmtcRecord, facts: readonly LedgerFact[]): RmtcRecord {
  if (record.body === undefined) return record;
  if (reliableBody(record) !== undefined && correctingNotices(record.id, facts).length === 0) return record;
  const { body: _, ...rest } = record;
  return rest;
}
