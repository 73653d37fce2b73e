// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter } from "@rmtc/contract";
import { matches } from "@rmtc/query";
import type { PartName, RmtcRecord } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import type { SqlRow } from "./database.ts";
import { type FilterPlan, planFilter, type SqlFragment } from "./filter-plan.ts";
import { partFromColumn } from "./part-column.ts";

/** Up to that many records are looked at one by one, rather than going through an order until a page is full. */
export const fewRecords = 20_000;

/** How a query's filters are answered together. */
export interface QueryPlan {
  readonly filters: readonly FilterPlan[];
  /** The codes of the only kinds that can pass; every kind unless given. */
  readonly kinds: ReadonlySet<number> | undefined;
  /** The source with the fewest keys, when it has few. */
  readonly source: SqlFragment | undefined;
  /** Filters that SQL cannot answer, and the parts that they need. */
  readonly remaining: readonly Filter[];
  readonly neededParts: readonly PartName[];
}

/** Plans the filters of a checked query, and counts the keys of each source up to a bound to choose the best. */
export function planQuery(catalog: Catalog, where: readonly Filter[]): QueryPlan {
  const filters = where.map((filter) => planFilter(catalog, filter));
  let kinds: ReadonlySet<number> | undefined;
  for (const { kinds: own } of filters) {
    if (own !== undefined)
      kinds = kinds === undefined ? own : new Set([...kinds].filter((code) => own.has(code)));
  }
  const undecided = filters.filter((filter) => filter.condition === undefined);
  return {
    filters,
    kinds,
    source: smallestSource(catalog, filters),
    remaining: undecided.map(({ filter }) => filter),
    neededParts: [...new Set(undecided.flatMap(({ neededParts = [] }) => neededParts))],
  };
}

function smallestSource(catalog: Catalog, filters: readonly FilterPlan[]): SqlFragment | undefined {
  let smallest: SqlFragment | undefined;
  let bound = fewRecords + 1;
  for (const { source } of filters) {
    if (source === undefined) continue;
    const row = catalog.database.get<[number]>(
      `SELECT count(*) FROM (${source.sql} LIMIT ?)`,
      ...source.parameters,
      bound,
    );
    const count = row?.[0] ?? 0;
    if (count >= bound) continue;
    smallest = source;
    bound = count;
    if (count < 100) break;
  }
  return smallest;
}

/** Joins the conditions of the filters that are not answered otherwise. */
export function conditionOf(filters: readonly FilterPlan[]): SqlFragment {
  const conditions = filters.flatMap(({ condition }) => condition ?? []);
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(" AND "),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}

/** Keeps the keys of records that pass the filters that SQL could not answer, in their order. */
export function keepMatching<Row extends { readonly key: number }>(
  catalog: Catalog,
  plan: QueryPlan,
  rows: readonly Row[],
): readonly Row[] {
  if (plan.remaining.length === 0 || rows.length === 0) return rows;
  const { neededParts } = plan;
  const found = catalog.database.all<SqlRow>(
    `SELECT c.key, ${neededParts.map((part) => `c.${part}`).join(", ")}
     FROM json_each(?) j CROSS JOIN content c ON c.key = j.value`,
    JSON.stringify(rows.map(({ key }) => key)),
  );
  const passing = new Set<number>();
  for (const [key, ...texts] of found) {
    const parts: Partial<Record<PartName, unknown>> = {};
    for (const [index, name] of neededParts.entries()) {
      const text = texts[index];
      if (typeof text === "string") parts[name] = JSON.parse(partFromColumn(name, text).json);
    }
    const record = { kind: "", links: [], ...parts } as unknown as RmtcRecord;
    if (matches({ record, digest: "" }, plan.remaining)) passing.add(Number(key));
  }
  return rows.filter(({ key }) => passing.has(key));
}
