// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  type FindRequest,
  isRmtcError,
  type RecordStore,
  RmtcError,
  type StoredRecord,
} from "@rmtc/contract";
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
 * Gets records like {@link getRecords}, but passes over those whose stored bytes cannot be read any more, and
 * names them.
 */
export async function getReadableRecords(
  records: RecordStore,
  ids: Iterable<RecordId>,
  parts?: readonly PartName[],
): Promise<{
  readonly stored: Map<RecordId, StoredRecord>;
  readonly damaged: ReadonlySet<RecordId>;
}> {
  const stored = new Map<RecordId, StoredRecord>();
  const damaged = new Set<RecordId>();
  const wanted = [...new Set(ids)];
  const batches: RecordId[][] = [];
  for (let start = 0; start < wanted.length; start += batchRecords)
    batches.push(wanted.slice(start, start + batchRecords));
  for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
    try {
      for (const [id, record] of await getRecords(records, batch, parts)) stored.set(id, record);
    } catch (error) {
      if (!isRmtcError(error, "RMTC_STORE_DAMAGED")) throw error;
      const half = batch.length >> 1;
      if (half === 0) for (const id of batch) damaged.add(id);
      else batches.push(batch.slice(0, half), batch.slice(half));
    }
  }
  return { stored, damaged };
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
