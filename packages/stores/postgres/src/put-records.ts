// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { type CheckedRecord, partNames } from "@rmtc/attest";
import { type CallOptions, type PutResult, type PutStatus, RmtcError } from "@rmtc/contract";
import type { Digest, PartName, RecordId, RmtcRecord } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import type { Query } from "./database.ts";
import { insertEdges, joinArrivals } from "./edge-rows.ts";
import { type IndexedValues, indexedValues, linkColumns, type Term } from "./indexed-values.ts";
import { partsToBits, partToColumn } from "./part-column.ts";
import { bytesOf, digestOf, idOf, uuidOf } from "./record-id.ts";
import { column, columnType } from "./tables.ts";

/** A record that was checked, on its way into the tables. */
export interface IncomingRecord {
  readonly record: RmtcRecord;
  readonly checked: CheckedRecord;
}

/** A record that gets rows of its own. */
export interface NewRecord extends IncomingRecord {
  readonly position: number;
}

/** What is known of a held record while others are put. */
interface KnownRecord {
  readonly position: number;
  readonly digest: Digest;
  held: number;
  readonly erased: number;
}

/** Records in one statement: what can be written without anyone noticing a pause. */
const recordsPerStatement = 250;

/** Numbers the changes of one transaction and keeps when they take effect. */
interface ChangeClock {
  position: number;
  readonly received: number;
}

/**
 * Puts checked records in one transaction, all or none. It holds the head's row to its end, so that writers take
 * effect one after another.
 *
 * @throws RMTC_RECORD_CONFLICT when an id is held, or given twice, under another digest.
 */
export async function putRecords(
  catalog: Catalog,
  incoming: readonly IncomingRecord[],
  partition: string,
  options: CallOptions | undefined,
): Promise<PutResult> {
  return await catalog.database.write(options, async (query) => {
    const [[start = 0] = []] = await query<[number]>("SELECT position FROM head FOR UPDATE");
    const clock: ChangeClock = { position: start, received: Date.now() };
    const results: { id: RecordId; digest: Digest; status: PutStatus }[] = [];
    for (let from = 0; from < incoming.length; from += recordsPerStatement) {
      const slice = incoming.slice(from, from + recordsPerStatement);
      results.push(...(await putSlice(catalog, query, slice, partition, clock)));
      await setImmediate();
    }
    if (clock.position !== start) {
      await query("UPDATE head SET position = $1", [clock.position]);
      await query(`NOTIFY ${catalog.database.schema}_changes`);
    }
    return { results, cursor: catalog.cursor(clock.position) };
  });
}

async function putSlice(
  catalog: Catalog,
  query: Query,
  incoming: readonly IncomingRecord[],
  partition: string,
  clock: ChangeClock,
): Promise<PutResult["results"]> {
  const known = await findHeld(
    query,
    incoming.map(({ record }) => record.id),
  );
  const created: NewRecord[] = [];
  const disclosures: { position: number; incoming: IncomingRecord; parts: readonly PartName[] }[] = [];
  const results = incoming.map(({ record, checked }) => {
    const { id } = record;
    const { digest } = checked;
    const held = known.get(id);
    if (held === undefined) {
      clock.position += 1;
      const bits = partsToBits(checked.disclosed.map((part) => part.name));
      known.set(id, { position: clock.position, digest, held: bits, erased: 0 });
      created.push({ record, checked, position: clock.position });
      return { id, digest, status: "created" } as const;
    }
    if (held.digest !== digest) {
      throw new RmtcError(
        "RMTC_RECORD_CONFLICT",
        `Record ${id} is held with the digest ${held.digest}, not ${digest}; give the new record a new id, or import it apart.`,
        { subject: id },
      );
    }
    const parts = disclosable(checked, held);
    if (parts.length === 0) return { id, digest, status: "known" } as const;
    held.held |= partsToBits(parts);
    clock.position += 1;
    disclosures.push({ position: held.position, incoming: { record, checked }, parts });
    return { id, digest, status: "disclosed" } as const;
  });
  await insertRecords(query, created, partition, clock.received);
  // A record of this very put can be given twice; its rows must be there before parts are added to them.
  let event = clock.position - disclosures.length;
  for (const { position, incoming: one, parts } of disclosures) {
    event += 1;
    await disclose(query, position, one, parts);
    await query("INSERT INTO event VALUES ($1, $2, 'disclosure', $3)", [event, position, clock.received]);
  }
  await joinArrivals(query, created);
  await insertEdges(catalog, query, created);
  return results;
}

/** Parts that a copy of a held record discloses beyond what is held, except erased ones. */
function disclosable(checked: CheckedRecord, held: KnownRecord): PartName[] {
  const closed = held.held | held.erased;
  return checked.disclosed.map((part) => part.name).filter((name) => (partsToBits([name]) & closed) === 0);
}

async function findHeld(query: Query, ids: readonly RecordId[]): Promise<Map<RecordId, KnownRecord>> {
  const rows = await query<[string, number, Buffer, number, number]>(
    "SELECT id, position, digest, held, erased FROM record WHERE id = ANY($1::uuid[])",
    [ids.map(uuidOf)],
  );
  return new Map(
    rows.map(([uuid, position, digest, held, erased]) => [
      idOf(uuid),
      { position, digest: digestOf(digest), held, erased },
    ]),
  );
}

async function insertRecords(
  query: Query,
  created: readonly NewRecord[],
  partition: string,
  received: number,
): Promise<void> {
  if (created.length === 0) return;
  const values = created.map(({ record }) => indexedValues(record, partNames));
  const rows = created.map(({ record, checked, position }, index) => ({
    position,
    id: uuidOf(record.id),
    digest: bytesOf(checked.digest),
    kind: record.kind,
    partition,
    received,
    held: partsToBits(checked.disclosed.map((part) => part.name)),
    erased: 0,
    created: record.createdAt,
    ...linkColumns(record),
    ...values[index]?.columns,
  }));
  await insertRows(query, "record", rows);
  await insertRows(
    query,
    "content",
    created.map(({ checked, position }) => ({
      position,
      envelope: checked.envelope,
      ...Object.fromEntries(checked.disclosed.map((part) => [part.name, partToColumn(part)])),
    })),
  );
  await insertTerms(
    query,
    created.flatMap(({ position }, index) =>
      (values[index]?.terms ?? []).map((term) => ({ ...term, position })),
    ),
  );
}

/** Writes rows of `record` or `content` with the columns that any of them has: most of the others are null. */
async function insertRows(
  query: Query,
  table: "record" | "content",
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  // An array of tsvector has no input that the driver writes; its text has.
  const values = names.map((name, index) =>
    columnType(name) === "tsvector" ? `v${index}::tsvector` : `v${index}`,
  );
  const arrays = names.map((name, index) => {
    const type = columnType(name);
    return `$${index + 1}::${type === "tsvector" ? "text" : type}[]`;
  });
  await query(
    `INSERT INTO ${table} (${names.map(column).join()}) SELECT ${values.join()}
     FROM unnest(${arrays.join()}) rows(${names.map((_, index) => `v${index}`).join()})`,
    names.map((name) => rows.map((row) => row[name])),
  );
}

async function insertTerms(
  query: Query,
  terms: readonly (Term & { readonly position: number })[],
): Promise<void> {
  if (terms.length === 0) return;
  await query("INSERT INTO term SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::bigint[])", [
    terms.map(({ field }) => field),
    terms.map(({ head }) => head),
    terms.map(({ value }) => value),
    terms.map(({ position }) => position),
  ]);
}

/** Adds parts to a record that is held. */
async function disclose(
  query: Query,
  position: number,
  { record, checked }: IncomingRecord,
  parts: readonly PartName[],
): Promise<void> {
  const disclosed = checked.disclosed.filter(({ name }) => parts.includes(name));
  await update(query, "content", position, new Map(disclosed.map((part) => [part.name, partToColumn(part)])));
  const values: IndexedValues = indexedValues(record, parts);
  await query("UPDATE record SET held = held | $2 WHERE position = $1", [position, partsToBits(parts)]);
  await update(query, "record", position, new Map(Object.entries(values.columns)));
  await insertTerms(
    query,
    values.terms.map((term) => ({ ...term, position })),
  );
}

async function update(
  query: Query,
  table: string,
  position: number,
  values: ReadonlyMap<string, unknown>,
): Promise<void> {
  if (values.size === 0) return;
  const assignments = [...values.keys()].map(
    (name, index) => `${column(name)} = $${index + 2}::${columnType(name)}`,
  );
  await query(`UPDATE ${table} SET ${assignments.join(", ")} WHERE position = $1`, [
    position,
    ...values.values(),
  ]);
}
