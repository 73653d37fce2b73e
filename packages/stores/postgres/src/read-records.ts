// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { partNames, restoreRecord } from "@rmtc/attest";
import { RmtcError, type StoredRecord } from "@rmtc/contract";
import type { PartName, RecordId } from "@rmtc/spec";
import type { Query, SqlRow } from "./database.ts";
import { partsFromBits, partsFromColumns } from "./part-column.ts";
import { digestOf, idOf, uuidsOf } from "./record-id.ts";
import { column } from "./tables.ts";

/** Records that are read at once: what can be restored without anyone noticing a pause. */
const recordsPerRead = 250;

/** Reads records by id. */
export async function readRecords(
  query: Query,
  ids: readonly RecordId[],
  parts: readonly PartName[] | undefined,
): Promise<ReadonlyMap<RecordId, StoredRecord>> {
  const uuids = uuidsOf([...new Set(ids)]);
  const found = new Map<RecordId, StoredRecord>();
  for (let start = 0; start < uuids.length; start += recordsPerRead) {
    const records = await readWhere(
      query,
      "r.id = ANY($1::uuid[])",
      uuids.slice(start, start + recordsPerRead),
      parts,
    );
    for (const stored of records) found.set(stored.record.id, stored);
    await setImmediate();
  }
  return found;
}

/** Reads records by position, in the order given. */
export async function readPositions(
  query: Query,
  positions: readonly number[],
  parts: readonly PartName[] | undefined,
): Promise<StoredRecord[]> {
  const found = new Map<number, StoredRecord>();
  for (let start = 0; start < positions.length; start += recordsPerRead) {
    const slice = positions.slice(start, start + recordsPerRead);
    for (const stored of await readWhere(query, "r.position = ANY($1::bigint[])", slice, parts)) {
      found.set(stored.position, stored);
    }
    await setImmediate();
  }
  return positions.map((position) => found.get(position)).filter((stored) => stored !== undefined);
}

async function readWhere(
  query: Query,
  condition: string,
  values: readonly unknown[],
  parts: readonly PartName[] = partNames,
): Promise<StoredRecord[]> {
  const columns = partNames.map((name) => (parts.includes(name) ? `c.${column(name)}` : "NULL")).join();
  const rows = await query(
    `SELECT r.position, r.id, r.digest, r.partition, r.received, r.held, r.erased, c.envelope, ${columns}
     FROM record r LEFT JOIN content c ON c.position = r.position WHERE ${condition}`,
    [values],
  );
  return rows.map((row) => storedFromRow(row, parts));
}

function storedFromRow(row: SqlRow, wanted: readonly PartName[]): StoredRecord {
  const [position, uuid, digest, partition, received, held, erased, envelope, ...columns] = row;
  const id = idOf(String(uuid));
  try {
    const parts = partsFromColumns(columns as (string | null)[]);
    return {
      record: restoreRecord(String(envelope), parts),
      digest: digestOf(digest as Buffer),
      position: Number(position),
      receivedAt: new Date(Number(received)).toISOString(),
      partition: String(partition),
      omitted: partsFromBits(Number(held)).filter((name) => !wanted.includes(name)),
      erased: partsFromBits(Number(erased)),
    };
  } catch (cause) {
    throw new RmtcError(
      "RMTC_STORE_DAMAGED",
      `The stored bytes of record ${id} are damaged; verify the store and restore the record from a copy.`,
      { subject: id, cause },
    );
  }
}
