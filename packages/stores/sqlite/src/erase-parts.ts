// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { restoreRecord } from "@rmtc/attest";
import { RmtcError } from "@rmtc/contract";
import type { PartName, RecordId } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import { indexedValues } from "./indexed-values.ts";
import type { PackedRecord } from "./packed-record.ts";
import { partsToBits } from "./part-column.ts";
import { readRecordsById } from "./read-records.ts";

/** What an erasure leaves behind. */
export interface PackedErasure {
  readonly stored: PackedRecord;
  readonly cursor: string;
}

/**
 * Erases parts: their bytes, their salts and everything that indexes keep of them.
 *
 * `secure_delete` overwrites what is deleted with zeros, and the write-ahead log, which still has the old pages,
 * is emptied before the call returns.
 *
 * @throws RMTC_NOT_FOUND when the record is not held.
 * @throws RMTC_STORE_BUSY when another process reads for longer than the timeout: the parts are erased then, but
 * their bytes may still lie in the log; a repeated call removes them.
 */
export function eraseParts(catalog: Catalog, id: RecordId, parts: readonly PartName[]): PackedErasure {
  const { database } = catalog;
  const result = catalog.write((): PackedErasure => {
    const before = readRecordsById(catalog, [id], undefined).get(id);
    if (before === undefined) {
      throw new RmtcError("RMTC_NOT_FOUND", `Record ${id} is not held; nothing was erased.`, { subject: id });
    }
    const record = restoreRecord(before.envelope, before.parts);
    const present = parts.filter(
      (name) => record[name] !== undefined || record.redacted?.[name] !== undefined,
    );
    const fresh = present.filter((name) => !before.erased.includes(name));
    if (fresh.length === 0) return { stored: before, cursor: catalog.cursor(catalog.writtenPosition) };
    const key = before.position;
    dropIndexed(catalog, key, before, fresh);
    for (const name of fresh) database.run(`UPDATE content SET ${name} = NULL WHERE key = ?`, key);
    const bits = partsToBits(fresh);
    database.run("UPDATE record SET held = held & ~?1, erased = erased | ?1 WHERE key = ?2", bits, key);
    const position = catalog.nextPosition();
    database.run("INSERT INTO event VALUES (?, ?, 'erasure', ?)", position, key, Date.now());
    const stored = readRecordsById(catalog, [id], undefined).get(id) as PackedRecord;
    return { stored, cursor: catalog.cursor(position) };
  });
  emptyLog(catalog);
  return result;
}

function dropIndexed(catalog: Catalog, key: number, before: PackedRecord, parts: readonly PartName[]): void {
  const { database } = catalog;
  const record = restoreRecord(before.envelope, before.parts);
  const kind = catalog.kinds.add(record.kind);
  const { columns, terms, fileHeads } = indexedValues(record, parts);
  for (const column of columns.keys()) {
    database.run(`UPDATE record SET "${column}" = NULL WHERE key = ?`, key);
  }
  for (const head of fileHeads) database.run("DELETE FROM file_digest WHERE head = ? AND key = ?", head, key);
  for (const term of terms) {
    const code = catalog.terms.add(term, kind);
    database.run("DELETE FROM posting WHERE term = ? AND key = ?", code, key);
    // The word itself may be what had to go, a performer's name for example.
    if (database.get("SELECT 1 FROM posting WHERE term = ? LIMIT 1", code) === undefined) {
      database.run("DELETE FROM term WHERE code = ?", code);
      catalog.startEpoch();
    }
  }
}

function emptyLog(catalog: Catalog): void {
  const [busy] = catalog.database.get<[number]>("PRAGMA wal_checkpoint(TRUNCATE)") ?? [1];
  if (busy === 0) return;
  throw new RmtcError(
    "RMTC_STORE_BUSY",
    `The parts are erased, but another process still reads ${catalog.database.path}, so that their bytes lie in its log; repeat the erasure when that process is done.`,
    { subject: catalog.database.path },
  );
}
