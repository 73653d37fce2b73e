// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type DisclosedPart, partNames } from "@rmtc/attest";
import type { PartName, RecordId } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import type { SqlRow } from "./database.ts";
import { digestFromHex, idFromHex, idParameter } from "./identity.ts";
import type { PackedRecord } from "./packed-record.ts";
import { partFromColumn, partsFromBits } from "./part-column.ts";

/** Reads records by id; ids that are not held are missing from the answer. */
export function readRecordsById(
  catalog: Catalog,
  ids: readonly RecordId[],
  parts: readonly PartName[] | undefined,
): ReadonlyMap<RecordId, PackedRecord> {
  const records = readRecords(catalog, `r.id = ${idParameter("j.value")}`, ids, parts);
  return new Map(records.map((record) => [record.id, record]));
}

/** Reads held records by key, in the order given. */
export function readRecordsByKey(
  catalog: Catalog,
  keys: readonly number[],
  parts: readonly PartName[] | undefined,
): readonly PackedRecord[] {
  return readRecords(catalog, "r.key = j.value", keys, parts);
}

function readRecords(
  catalog: Catalog,
  join: string,
  values: readonly (string | number)[],
  requested: readonly PartName[] | undefined,
): readonly PackedRecord[] {
  const names = requested === undefined ? partNames : partNames.filter((name) => requested.includes(name));
  const columns = ["c.envelope", ...names.map((name) => `c.${name}`)].join(", ");
  const rows = catalog.database.all<SqlRow>(
    `SELECT r.key, lower(hex(r.id)), lower(hex(r.digest)), r.received, r.partition, r.held, r.erased, ${columns}
     FROM json_each(?) j CROSS JOIN record r ON ${join} CROSS JOIN content c ON c.key = r.key`,
    JSON.stringify(values),
  );
  return rows.map((row) => {
    const [key, id, digest, received, partition, held, erased, envelope, ...texts] = row;
    const parts: DisclosedPart[] = [];
    for (const [index, name] of names.entries()) {
      const text = texts[index];
      if (typeof text === "string") parts.push(partFromColumn(name, text));
    }
    return {
      id: idFromHex(String(id)),
      digest: digestFromHex(String(digest)),
      position: Number(key),
      received: Number(received),
      partition: catalog.partitions.name(Number(partition)),
      omitted: partsFromBits(Number(held)).filter((name) => !names.includes(name)),
      erased: partsFromBits(Number(erased)),
      envelope: String(envelope),
      parts,
    };
  });
}
