// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions, CountRequest, CountResult, FindRequest, FindResult } from "@rmtc/contract";
import { decodeCursor, encodeCursor, type OrderPlace, orderPlace, queryFieldOf } from "@rmtc/query";
import type { Catalog } from "./catalog.ts";
import type { Query } from "./database.ts";
import { encodeText, headLength, headOf } from "./encode-text.ts";
import { conditionOf } from "./filter-sql.ts";
import { readPositions } from "./read-records.ts";
import { uuidOf } from "./record-id.ts";
import { SqlParameters } from "./sql-text.ts";
import { column } from "./tables.ts";

const countedAtMost = 10_000;

/** Finds one page of records. */
export async function findRecords(
  catalog: Catalog,
  request: FindRequest,
  options: CallOptions | undefined,
): Promise<FindResult> {
  const after = decodeCursor(request);
  return await catalog.database.read(options, async (query) => {
    const asOf = catalog.cursor(await catalog.head(query));
    const positions = await findPositions(query, request, after, request.limit + 1);
    const page = positions.slice(0, request.limit);
    const records = await readPositions(query, page, request.parts);
    const last = page.at(-1);
    if (last === undefined || positions.length <= request.limit) return { records, asOf };
    // The place is read out of the whole record, which the caller may not have asked for.
    const [whole] = await readPositions(query, [last], undefined);
    if (whole === undefined) return { records, asOf };
    return { records, asOf, next: encodeCursor(request, orderPlace(whole, request.order)) };
  });
}

/** Counts the records that pass, exactly up to 10,000. */
export async function countRecords(
  catalog: Catalog,
  { where }: CountRequest,
  options: CallOptions | undefined,
): Promise<CountResult> {
  return await catalog.database.read(options, async (query) => {
    const asOf = catalog.cursor(await catalog.head(query));
    const parameters = new SqlParameters();
    const [[count = 0] = []] = await query<[number]>(
      `SELECT count(*) FROM (SELECT FROM record r WHERE ${conditionOf(where, parameters)} LIMIT ${countedAtMost + 1}) found`,
      parameters.values,
    );
    return { count: Math.min(count, countedAtMost), more: count > countedAtMost, asOf };
  });
}

/** Finds positions in order: first those of records that have the order's field, then the others by id. */
async function findPositions(
  query: Query,
  { where, order }: FindRequest,
  after: OrderPlace | undefined,
  limit: number,
): Promise<number[]> {
  const found: number[] = [];
  if (order !== undefined && (after === undefined || after.key !== undefined)) {
    const parameters = new SqlParameters();
    const conditions = [conditionOf(where, parameters), `r.${column(order.field)} IS NOT NULL`];
    if (after !== undefined) conditions.push(placeSql(after, order, parameters));
    found.push(...(await select(query, conditions, orderSql(order), limit, parameters)));
  }
  if (found.length === limit) return found;
  const parameters = new SqlParameters();
  const conditions = [conditionOf(where, parameters)];
  if (order !== undefined) conditions.push(`r.${column(order.field)} IS NULL`);
  if (after !== undefined && after.key === undefined) {
    conditions.push(`r.id > ${parameters.add(uuidOf(after.id), "uuid")}`);
  }
  found.push(...(await select(query, conditions, "r.id", limit - found.length, parameters)));
  return found;
}

async function select(
  query: Query,
  conditions: readonly string[],
  order: string,
  limit: number,
  parameters: SqlParameters,
): Promise<number[]> {
  const rows = await query<[number]>(
    `SELECT r.position FROM record r WHERE ${conditions.join(" AND ")} ORDER BY ${order} LIMIT ${limit}`,
    parameters.values,
  );
  return rows.map(([position]) => position);
}

/** Whether a column's values can be longer than what an index keeps of them. */
function hasHead(field: string): boolean {
  return field !== "kind" && field !== "created" && queryFieldOf(field)?.type !== "integer";
}

function orderSql({ field, descending }: NonNullable<FindRequest["order"]>): string {
  const direction = descending === true ? " DESC" : "";
  const name = `r.${column(field)}`;
  const keys = hasHead(field) ? [`left(${name}, ${headLength})`, name] : [name];
  return [...keys.map((key) => `${key}${direction}`), "r.id"].join(", ");
}

/** The condition that a record comes after a place: an index can answer its first part. */
function placeSql(
  { key, id }: OrderPlace,
  { field, descending }: NonNullable<FindRequest["order"]>,
  parameters: SqlParameters,
): string {
  const later = descending === true ? "<" : ">";
  const name = `r.${column(field)}`;
  const value =
    typeof key === "number" ? parameters.add(key, "bigint") : parameters.add(encodeText(String(key)), "text");
  const rest = `(${name} ${later} ${value} OR (${name} = ${value} AND r.id > ${parameters.add(uuidOf(id), "uuid")}))`;
  if (!hasHead(field)) return `${name} ${later}= ${value} AND ${rest}`;
  const head = parameters.add(headOf(encodeText(String(key))), "text");
  return `left(${name}, ${headLength}) ${later}= ${head} AND ${rest}`;
}
