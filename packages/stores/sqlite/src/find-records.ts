// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import type { FindRequest } from "@rmtc/contract";
import { decodeCursor, encodeCursor, type OrderPlace } from "@rmtc/query";
import type { Catalog } from "./catalog.ts";
import type { SqlInput, SqlRow } from "./database.ts";
import { columnOf, type SqlFragment } from "./filter-plan.ts";
import { type FindLimits, findLimits } from "./find-limits.ts";
import { idFromHex, idParameter } from "./identity.ts";
import type { StreamRow } from "./order-stream.ts";
import { orderedRows } from "./ordered-rows.ts";
import type { PackedRecord } from "./packed-record.ts";
import { conditionOf, keepMatching, planQuery, type QueryPlan, type SourcePlan } from "./query-plan.ts";
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
  limits: FindLimits = findLimits,
): Promise<PackedFind> {
  const cursor = decodeCursor(request);
  const asOf = catalog.cursor(catalog.head());
  const { order } = request;
  const plan = planQuery(catalog, request.where, order === undefined || order.field === "kind", limits);
  const wanted = request.limit + 1;
  const rows =
    (await firstInOrder(catalog, plan, request, cursor, wanted, signal, limits)) ??
    sortFew(catalog, plan, plan.source as SourcePlan, request, cursor, wanted);
  const page = rows.slice(0, request.limit);
  const keys = page.map(({ key }) => key);
  const records = readRecordsByKey(catalog, keys, request.parts);
  const last = page.at(-1);
  if (rows.length < wanted || last === undefined) return { records, next: undefined, asOf };
  const place = { ...last.place, id: idFromHex(last.place.id) };
  return { records, next: encodeCursor(request, place), asOf };
}

/** Goes through the order until the page is full, or gives up when sorting a source must be quicker by now. */
async function firstInOrder(
  catalog: Catalog,
  plan: QueryPlan,
  { order }: FindRequest,
  after: OrderPlace | undefined,
  wanted: number,
  signal: AbortSignal,
  limits: FindLimits,
): Promise<readonly StreamRow[] | undefined> {
  const found: StreamRow[] = [];
  if (plan.source !== undefined && plan.source.count <= limits.sortedAtOnce) return undefined;
  const start = performance.now();
  for (const rows of orderedRows(catalog, plan, order, after, limits)) {
    found.push(...keepMatching(catalog, plan, rows));
    if (found.length >= wanted) return found.slice(0, wanted);
    if (plan.source !== undefined && performance.now() - start > limits.tryMilliseconds) return undefined;
    await setImmediate();
    signal.throwIfAborted();
  }
  return found;
}

/** Reads every record of a small source and sorts those that pass. */
function sortFew(
  catalog: Catalog,
  plan: QueryPlan,
  source: SourcePlan,
  { order }: FindRequest,
  after: OrderPlace | undefined,
  wanted: number,
): readonly StreamRow[] {
  const [kind] = plan.kinds?.size === 1 ? plan.kinds : [];
  const column =
    order === undefined
      ? "NULL"
      : order.field === "kind"
        ? kindNameOf(catalog, kind)
        : `r.${columnOf(order.field)}`;
  const descending = order?.descending === true;
  const condition = conditionOf(plan.filters.filter((filter) => filter !== source.exactly));
  const behind = behindPlace(column, after, descending);
  const conditions = [source.sql, condition.sql, behind.sql].filter((sql) => sql !== "").join(" AND ");
  const exact = plan.remaining.length === 0;
  const rows = catalog.database.all<SqlRow>(
    `SELECT r.key, ${column} AS value, lower(hex(r.id)) FROM ${conditions}
     ORDER BY ${order === undefined ? "" : `value IS NULL, value ${descending ? "DESC" : "ASC"}, `}r.id LIMIT ?`,
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

/** SQL for the name of a record's kind. Names have only letters, digits and `._-`. */
function kindNameOf(catalog: Catalog, only: number | undefined): string {
  if (only !== undefined) return `'${catalog.kinds.name(only)}'`;
  const cases = catalog.kinds.entries().map(([code, name]) => `WHEN ${code} THEN '${name}'`);
  return cases.length === 0 ? "NULL" : `CASE r.kind ${cases.join(" ")} END`;
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
