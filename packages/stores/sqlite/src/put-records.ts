// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CheckedRecord, partNames } from "@rmtc/attest";
import { type PutResult, type PutStatus, RmtcError } from "@rmtc/contract";
import type { Digest, PartName, RecordId, RmtcRecord } from "@rmtc/spec";
import { BulkInsert } from "./bulk-insert.ts";
import type { Catalog } from "./catalog.ts";
import { DigestIndex } from "./digest-index.ts";
import { insertEdges, joinArrivals } from "./edge-tables.ts";
import { digestFromHex, digestParameter, idFromHex, idParameter } from "./identity.ts";
import { type IndexedValues, indexedValues, linkTerms } from "./indexed-values.ts";
import { partsToBits, partToColumn } from "./part-column.ts";

/** A record that was checked, on its way into the tables. */
export interface IncomingRecord {
  readonly record: RmtcRecord;
  readonly checked: CheckedRecord;
}

/** What is known of a held record while others are put. */
interface KnownRecord {
  readonly key: number;
  readonly digest: Digest;
  held: number;
  readonly erased: number;
}

/** A record that gets rows of its own. */
export interface NewRecord extends IncomingRecord {
  readonly key: number;
}

/**
 * Puts checked records in one transaction, all or none.
 *
 * @throws RMTC_RECORD_CONFLICT when an id is held, or given twice, under another digest.
 */
export function putRecords(
  catalog: Catalog,
  incoming: readonly IncomingRecord[],
  partition: string,
): PutResult {
  return catalog.write(() => {
    const known = findHeld(
      catalog,
      incoming.map(({ record }) => record.id),
    );
    const created: NewRecord[] = [];
    const results: { id: RecordId; digest: Digest; status: PutStatus }[] = [];
    const rows = new RecordRows(catalog, partition);
    for (const { record, checked } of incoming) {
      const { id } = record;
      const { digest } = checked;
      const held = known.get(id);
      if (held === undefined) {
        const key = catalog.nextPosition();
        const bits = partsToBits(checked.disclosed.map((part) => part.name));
        known.set(id, { key, digest, held: bits, erased: 0 });
        created.push({ record, checked, key });
        rows.insert({ record, checked, key });
        results.push({ id, digest, status: "created" });
      } else if (held.digest !== digest) {
        throw new RmtcError(
          "RMTC_RECORD_CONFLICT",
          `Record ${id} is held with the digest ${held.digest}, not ${digest}; give the new record a new id, or import it apart.`,
          { subject: id },
        );
      } else {
        // A record of this very put can be given twice; its rows must be there before parts are added to them.
        const parts = disclosable(checked, held);
        if (parts.length > 0) rows.disclose(held.key, { record, checked }, parts);
        held.held |= partsToBits(parts);
        results.push({ id, digest, status: parts.length > 0 ? "disclosed" : "known" });
      }
    }
    rows.flush();
    joinArrivals(catalog, created);
    insertEdges(catalog, created, known);
    return { results, cursor: catalog.cursor(catalog.writtenPosition) };
  });
}

/** Parts that a copy of a held record discloses beyond what is held, except erased ones. */
function disclosable(checked: CheckedRecord, held: KnownRecord): PartName[] {
  const closed = held.held | held.erased;
  return checked.disclosed.map((part) => part.name).filter((name) => (partsToBits([name]) & closed) === 0);
}

/** Finds which of the ids are held. */
function findHeld(catalog: Catalog, ids: readonly RecordId[]): Map<RecordId, KnownRecord> {
  const rows = catalog.database.all<[string, number, string, number, number]>(
    `SELECT lower(hex(r.id)), r.key, lower(hex(r.digest)), r.held, r.erased
     FROM json_each(?) j CROSS JOIN record r ON r.id = ${idParameter("j.value")}`,
    JSON.stringify(ids),
  );
  return new Map(
    rows.map(([id, key, digest, held, erased]) => [
      idFromHex(id),
      { key, digest: digestFromHex(digest), held, erased },
    ]),
  );
}

const insertStatements = new Map<string, string>();

/** Only the columns that have values: a kind has three of the registry's body fields at most. */
function insertRecord(columns: ReadonlyMap<string, unknown>): string {
  const names = [...columns.keys()].join();
  let sql = insertStatements.get(names);
  if (sql === undefined) {
    const list = [...columns.keys()].map((name) => `, "${name}"`).join("");
    sql = `INSERT INTO record (key, id, digest, kind, partition, received, held, erased, created${list})
      VALUES (?, ${idParameter()}, ${digestParameter()}, ?, ?, ?, ?, 0, ?${", ?".repeat(columns.size)})`;
    insertStatements.set(names, sql);
  }
  return sql;
}

/** Writes the rows of records and of their parts. */
class RecordRows {
  readonly #catalog: Catalog;
  readonly #partition: number;
  readonly #received = Date.now();
  readonly #postings: BulkInsert;
  readonly #digests: DigestIndex;
  /** New records by the code of their kind, and by the codes of terms that say that a field exists. */
  readonly #counts = { kind: new Map<number, number>(), term: new Map<number, number>() };

  constructor(catalog: Catalog, partition: string) {
    this.#catalog = catalog;
    this.#partition = catalog.partitions.add(partition);
    this.#postings = new BulkInsert(catalog.database, "posting", "(?, ?)");
    this.#digests = new DigestIndex(catalog.database);
  }

  insert({ record, checked, key }: NewRecord): void {
    const { database, kinds } = this.#catalog;
    const kind = kinds.add(record.kind);
    const values = indexedValues(record, partNames);
    const { columns } = values;
    database.run(
      insertRecord(columns),
      key,
      record.id,
      checked.digest,
      kind,
      this.#partition,
      this.#received,
      partsToBits(checked.disclosed.map((part) => part.name)),
      record.createdAt,
      ...columns.values(),
    );
    this.#digests.add(checked.digest, key);
    const parts = new Map(checked.disclosed.map((part) => [part.name, partToColumn(part)]));
    database.run(
      "INSERT INTO content VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      key,
      checked.envelope,
      ...partNames.map((name) => parts.get(name) ?? null),
    );
    count(this.#counts.kind, kind);
    this.#index(key, kind, { ...values, terms: [...linkTerms(record), ...values.terms] });
  }

  /** Adds parts to a record that is held. */
  disclose(key: number, { record, checked }: IncomingRecord, parts: readonly PartName[]): void {
    const { database, kinds } = this.#catalog;
    for (const part of checked.disclosed) {
      if (!parts.includes(part.name)) continue;
      database.run(`UPDATE content SET ${part.name} = ? WHERE key = ?`, partToColumn(part), key);
    }
    database.run("UPDATE record SET held = held | ? WHERE key = ?", partsToBits(parts), key);
    const values = indexedValues(record, parts);
    for (const [column, value] of values.columns) {
      database.run(`UPDATE record SET "${column}" = ? WHERE key = ?`, value, key);
    }
    this.#index(key, kinds.add(record.kind), values);
    database.run(
      "INSERT INTO event VALUES (?, ?, 'disclosure', ?)",
      this.#catalog.nextPosition(),
      key,
      this.#received,
    );
  }

  flush(): void {
    this.#postings.flush();
    this.#digests.flush();
    for (const [table, counts] of Object.entries(this.#counts)) {
      const sql = `UPDATE ${table} SET records = records + ? WHERE code = ?`;
      for (const [code, records] of counts) this.#catalog.database.run(sql, records, code);
    }
  }

  #index(key: number, kind: number, { terms, fileDigests }: IndexedValues): void {
    for (const term of terms) {
      const code = this.#catalog.terms.add(term, kind);
      this.#postings.add(code, key);
      if (term.value === "") count(this.#counts.term, code);
    }
    for (const digest of fileDigests) this.#digests.add(digest, key);
  }
}

function count(counts: Map<number, number>, code: number): void {
  counts.set(code, (counts.get(code) ?? 0) + 1);
}
