// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { recordDigest } from "@rmtc/attest";
import type { PutStatus } from "@rmtc/contract";
import type { Digest, RecordId, RmtcRecord } from "@rmtc/spec";
import { getRecords } from "../get-records.ts";
import type { Workspace } from "../workspace.ts";

/** A record that another one with its id stands against. */
export interface ImportConflict {
  readonly id: RecordId;
  readonly heldDigest: Digest;
  readonly givenDigest: Digest;
}

/** What an import did. */
export interface ImportReport {
  readonly counts: Readonly<Record<PutStatus, number>>;
  /** Not imported: an id names one digest for ever. Both documents stay as they are, where they are. */
  readonly conflicts: readonly ImportConflict[];
}

/**
 * Takes records that another facility made, with their ids and digests. What was erased here stays erased.
 *
 * @throws RMTC_DOCUMENT_INVALID when a record is not well formed; nothing is imported then.
 */
export async function importRecords(
  workspace: Workspace,
  records: readonly RmtcRecord[],
): Promise<ImportReport> {
  const held = await getRecords(
    workspace.records,
    records.map((record) => record.id),
    [],
  );
  const given = new Map<RecordId, Digest>();
  const conflicts: ImportConflict[] = [];
  const accepted: RmtcRecord[] = [];
  for (const record of records) {
    const givenDigest = recordDigest(record);
    const heldDigest = held.get(record.id)?.digest ?? given.get(record.id) ?? givenDigest;
    given.set(record.id, heldDigest);
    if (heldDigest === givenDigest) accepted.push(record);
    else conflicts.push({ id: record.id, heldDigest, givenDigest });
  }
  const counts: Record<PutStatus, number> = { created: 0, known: 0, disclosed: 0 };
  const { maxPutRecords } = workspace.records.capabilities;
  for (let start = 0; start < accepted.length; start += maxPutRecords) {
    const batch = accepted.slice(start, start + maxPutRecords);
    const { results } = await workspace.records.put({ records: batch, partition: workspace.partition });
    for (const { status } of results) counts[status] += 1;
  }
  return { counts, conflicts };
}
