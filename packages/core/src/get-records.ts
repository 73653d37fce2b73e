// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type FindRequest, type RecordStore, RmtcError, type StoredRecord } from "@rmtc/contract";
import type { PartName, RecordId } from "@rmtc/spec";

const batchRecords = 1000;

/** Gets records in batches, by id; those that are not held are missing from the map. */
export async function getRecords(
  records: RecordStore,
  ids: Iterable<RecordId>,
  parts?: readonly PartName[],
): Promise<Map<RecordId, StoredRecord>> {
  const wanted = [...new Set(ids)];
  const found = new Map<RecordId, StoredRecord>();
  for (let start = 0; start < wanted.length; start += batchRecords) {
    const batch = wanted.slice(start, start + batchRecords);
    const answer = await records.get({ ids: batch, parts });
    for (const stored of answer.records) if (stored !== null) found.set(stored.record.id, stored);
  }
  return found;
}

/**
 * Gets one record.
 *
 * @throws RMTC_NOT_FOUND when it is not held.
 */
export async function getRecord(records: RecordStore, id: RecordId): Promise<StoredRecord> {
  const stored = (await records.get({ ids: [id] })).records[0];
  if (stored) return stored;
  throw new RmtcError("RMTC_NOT_FOUND", `No record ${id} in this workspace.`, { subject: id });
}

/** Finds every record that a request matches, page by page. */
export async function* findAll(
  records: RecordStore,
  request: Omit<FindRequest, "limit" | "cursor">,
): AsyncGenerator<StoredRecord, void> {
  let cursor: string | undefined;
  do {
    const page = await records.find({ ...request, limit: batchRecords, cursor });
    yield* page.records;
    cursor = page.next;
  } while (cursor !== undefined);
}
