// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import type { FindRequest } from "@rmtc/contract";
import { decodeCursor, encodeCursor, type OrderPlace } from "@rmtc/query";
import type { Catalog } from "./catalog.ts";
import type { SqlInput, SqlRow } from "./database.ts";
import { columnOf, type SqlFragment } from "./filter-plan.ts";
import { idFromHex, idParameter } from "./identity.ts";
import type { StreamRow } from "./order-stream.ts";
import { orderedRows } from "./ordered-rows.ts";
import type { PackedRecord } from "./packed-record.ts";
import { conditionOf, keepMatching, planQuery, type QueryPlan } from "./query-plan.ts";
import { readRecordsByKey } from "./read-records.ts";

/** A page of records as it crosses from the thread. */
export interface PackedFind {
  readonly records: readonly PackedRecord[];
  readonly next: string | undefined;
  readonly asOf: string;
}

/**
 * Finds the records of one page.
 *
 * When some filter has few records, these are read and sorted; otherwise the index of the order is read until
 * the page is full, which is quick because many records pass.
 */
export async function findRecords(
  catalog: Catalog,
  request: FindRequest,
  signal: AbortSignal,
): Promise<PackedFind> {
  const cursor = decodeCursor(request);
  const asOf = catalog.cursor(catalog.head());
  const plan = planQuery(catalog, request.where);
  const wanted = request.limit + 1;
  const rows =
    plan.source === undefined
      ? await firstInOrder(catalog, plan, request, cursor, wanted, signal)
      : sortFew(catalog, plan, plan.source, request, cursor, wanted);
  const page = rows.slice(0, request.limit);
  const keys = page.map(({ key }) => key);
  const records = readRecordsByKey(catalog, keys, request.parts);
  const last = page.at(-1);
  if (rows.length < wanted || last === undefined) return { records, next: undefined, asOf };
  const place = { ...last.place, id: idFromHex(last.place.id) };
  return { records, next: encodeCursor(request, place), asOf };
}

async function firstInOrder(
  catalog: Catalog,
  plan: QueryPlan,
  { order }: FindRequest,
  after: OrderPlace | undefined,
  wanted: number,
  signal: AbortSignal,
): Promise<readonly StreamRow[]> {
  const found: StreamRow[] = [];
  for (const rows of orderedRows(catalog, plan, order, after)) {
    found.push(...keepMatching(catalog, plan, rows));
    if (found.length >= wanted) break;
    await setImmediate();
    signal.throwIfAborted();
  }
  return found.slice(0, wanted);
}

/** Reads every record of a small source and sorts those that pass. */
function sortFew(
  catalog: Catalog,
  plan: QueryPlan,
  source: SqlFragment,
  { order }: FindRequest,
  after: OrderPlace | undefined,
  wanted: number,
): readonly StreamRow[] {
  const column =
    order === undefined
      ? "NULL"
      : order.field === "kind"
        ? "(SELECT name FROM kind WHERE code = r.kind)"
        : `r.${columnOf(order.field)}`;
  const direction = order?.descending === true ? "DESC" : "ASC";
  const condition = conditionOf(plan.filters);
  const behind = behindPlace(column, after, order?.descending === true);
  const conditions = [condition.sql, behind.sql].filter((sql) => sql !== "").join(" AND ");
  const exact = plan.remaining.length === 0;
  const rows = catalog.database.all<SqlRow>(
    `SELECT r.key, ${column} AS value, lower(hex(r.id)) AS id
     FROM (SELECT DISTINCT key FROM (${source.sql})) s CROSS JOIN record r ON r.key = s.key
     ${conditions === "" ? "" : `WHERE ${conditions}`}
     ORDER BY value IS NULL, value ${direction}, id LIMIT ?`,
    ...source.parameters,
    ...condition.parameters,
    ...behind.parameters,
    exact ? wanted : -1,
  );
  const found = rows.map(([key, value, id]) => {
    const place = value === null ? { id: String(id) } : { id: String(id), key: value as string | number };
    return { key: Number(key), place };
  });
  return keepMatching(catalog, plan, found).slice(0, wanted);
}

/** The condition that a row comes after a place of the order. */
function behindPlace(column: string, after: OrderPlace | undefined, descending: boolean): SqlFragment {
  if (after === undefined) return { sql: "", parameters: [] };
  const id = `r.id > ${idParameter()}`;
  if (after.key === undefined) return { sql: `${column} IS NULL AND ${id}`, parameters: [after.id] };
  const parameters: SqlInput[] = [after.key, after.key, after.id];
  const further = descending ? "<" : ">";
  return {
    sql: `(${column} ${further} ? OR (${column} = ? AND ${id}) OR ${column} IS NULL)`,
    parameters,
  };
}
