// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { restoreRecord } from "@rmtc/attest";
import { type EraseRequest, RmtcError } from "@rmtc/contract";
import type { PartName, RecordId, RmtcRecord } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import type { Database } from "./database.ts";
import { DigestIndex } from "./digest-index.ts";
import { indexedValues } from "./indexed-values.ts";
import type { PackedRecord } from "./packed-record.ts";
import { partsToBits } from "./part-column.ts";
import { readRecordsById } from "./read-records.ts";
import { remainsOf } from "./remains.ts";
import type { RemainsFinder } from "./remains-finder.ts";
import type { Term } from "./term-dictionary.ts";

/** What an erasure leaves behind. */
export interface PackedErasure {
  readonly stored: PackedRecord;
  readonly cursor: string;
}

/**
 * Erases parts: their bytes, their salts and everything that indexes keep of them.
 *
 * `secure_delete` overwrites what is deleted with zeros, but not the copies that are left in the unused middle of
 * a page when rows move to another one. So the write-ahead log is emptied, the file is searched for remains, and
 * rewritten in the rare case that there are some. Until that is done `sequence.unscrubbed` says so, and a repeated
 * call makes up for one that was cut short.
 *
 * @throws RMTC_NOT_FOUND when the record is not held.
 * @throws RMTC_STORE_BUSY when another process reads for longer than the timeout: the parts are erased then, but
 * their bytes may still lie in the log; a repeated call removes them.
 */
export async function eraseParts(
  catalog: Catalog,
  finder: RemainsFinder,
  { id, parts }: EraseRequest,
): Promise<PackedErasure> {
  const { database } = catalog;
  const { erasure, remains, unscrubbed } = catalog.write(() => eraseRows(catalog, id, parts));
  if (unscrubbed === 0) return erasure;
  emptyLog(database);
  // More than one: an earlier erasure was cut short, and nobody knows any more what it left.
  if (unscrubbed > 1 || (await finder.find(remains))) {
    database.execute("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY;");
    emptyLog(database);
  }
  database.run("UPDATE sequence SET unscrubbed = 0 WHERE unscrubbed = ?", unscrubbed);
  return erasure;
}

interface ErasedRows {
  readonly erasure: PackedErasure;
  readonly remains: readonly Uint8Array[];
  /** How many erasures may have left bytes behind, this one included. */
  readonly unscrubbed: number;
}

function eraseRows(catalog: Catalog, id: RecordId, parts: readonly PartName[]): ErasedRows {
  const { database } = catalog;
  const before = readRecordsById(catalog, [id], undefined).get(id);
  if (before === undefined) {
    throw new RmtcError("RMTC_NOT_FOUND", `Record ${id} is not held; nothing was erased.`, { subject: id });
  }
  const record = restoreRecord(before.envelope, before.parts);
  const present = parts.filter((name) => record[name] !== undefined || record.redacted?.[name] !== undefined);
  const fresh = present.filter((name) => !before.erased.includes(name));
  if (fresh.length === 0) {
    const erasure = { stored: before, cursor: catalog.cursor(catalog.writtenPosition) };
    const [left = 0] =
      database.get<[number]>(
        "UPDATE sequence SET unscrubbed = unscrubbed + 1 WHERE unscrubbed > 0 RETURNING unscrubbed",
      ) ?? [];
    return { erasure, remains: [], unscrubbed: left };
  }
  const key = before.position;
  const gone = dropIndexed(catalog, key, record, fresh);
  for (const name of fresh) database.run(`UPDATE content SET ${name} = NULL WHERE key = ?`, key);
  const bits = partsToBits(fresh);
  database.run("UPDATE record SET held = held & ~?1, erased = erased | ?1 WHERE key = ?2", bits, key);
  const position = catalog.nextPosition();
  database.run("INSERT INTO event VALUES (?, ?, 'erasure', ?)", position, key, Date.now());
  const [unscrubbed = 1] =
    database.get<[number]>("UPDATE sequence SET unscrubbed = unscrubbed + 1 RETURNING unscrubbed") ?? [];
  const stored = readRecordsById(catalog, [id], undefined).get(id) as PackedRecord;
  return {
    erasure: { stored, cursor: catalog.cursor(position) },
    remains: remainsOf(record, fresh, gone),
    unscrubbed,
  };
}

/** Takes parts out of the indexes and returns the terms that no record is left with. */
function dropIndexed(
  catalog: Catalog,
  key: number,
  record: RmtcRecord,
  parts: readonly PartName[],
): readonly Term[] {
  const { database } = catalog;
  const kind = catalog.kinds.add(record.kind);
  const { columns, terms, fileDigests } = indexedValues(record, parts);
  for (const column of columns.keys()) {
    database.run(`UPDATE record SET "${column}" = NULL WHERE key = ?`, key);
  }
  const digests = new DigestIndex(database);
  for (const digest of fileDigests) digests.remove(digest, key);
  const gone: Term[] = [];
  for (const term of terms) {
    const code = catalog.terms.add(term, kind);
    database.run("DELETE FROM posting WHERE term = ? AND key = ?", code, key);
    if (term.value === "") database.run("UPDATE term SET records = records - 1 WHERE code = ?", code);
    // The word itself may be what had to go, a performer's name for example.
    if (database.get("SELECT 1 FROM posting WHERE term = ? LIMIT 1", code) !== undefined) continue;
    database.run("DELETE FROM term WHERE code = ?", code);
    catalog.startEpoch();
    const { field, value } = term;
    const other = "SELECT 1 FROM term WHERE field = ? AND value = ? LIMIT 1";
    if (value !== "" && database.get(other, field, value) === undefined) gone.push(term);
  }
  return gone;
}

function emptyLog(database: Database): void {
  const [busy] = database.get<[number]>("PRAGMA wal_checkpoint(TRUNCATE)") ?? [1];
  if (busy === 0) return;
  throw new RmtcError(
    "RMTC_STORE_BUSY",
    `The parts are erased, but another process still reads ${database.path}, so that their bytes lie in its log; repeat the erasure when that process is done.`,
    { subject: database.path },
  );
}
