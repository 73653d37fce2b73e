// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { StoredRecord } from "@rmtc/contract";
import type { Digest, Link, RecordId, RelationName, RmtcRecord } from "@rmtc/spec";

/** A record by id and digest: all that a link needs. */
export interface RecordReference {
  readonly id: RecordId;
  readonly digest: Digest;
}

/** Makes a link to a record. */
export function linkTo(rel: RelationName, target: RecordReference): Link {
  return { rel, to: target.id, digest: target.digest };
}

/** Makes links to records, each target once, in order of first appearance. */
export function linksTo(rel: RelationName, targets: Iterable<RecordReference>): Link[] {
  return [...new Map([...targets].map((target) => [target.id, linkTo(rel, target)])).values()];
}

/** A stored record as a reference. */
export function referenceOf(stored: StoredRecord): RecordReference {
  return { id: stored.record.id, digest: stored.digest };
}

/** The targets of a record's links of one relation, in order. */
export function targetsOf(record: RmtcRecord, rel: RelationName): RecordReference[] {
  return record.links
    .filter((link) => link.rel === rel)
    .map((link) => ({ id: link.to, digest: link.digest }));
}
