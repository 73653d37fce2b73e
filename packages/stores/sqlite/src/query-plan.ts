// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter } from "@rmtc/contract";
import { matches } from "@rmtc/query";
import type { PartName, RmtcRecord } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import type { SqlRow } from "./database.ts";
import { type FilterPlan, planFilter, type SqlFragment } from "./filter-plan.ts";
import type { FindLimits } from "./find-limits.ts";
import type { KeyRange } from "./key-blocks.ts";
import { partFromColumn } from "./part-column.ts";

/** How a query's filters are answered together. */
export interface QueryPlan {
  readonly filters: readonly FilterPlan[];
  /** The codes of the only kinds that can pass; every kind unless given. */
  readonly kinds: ReadonlySet<number> | undefined;
  /** Bounds of the keys of records that can pass. */
  readonly keys: KeyRange | undefined;
  /** The source with the fewest keys, when it has few. */
  readonly source: SourcePlan | undefined;
  /** Filters that SQL cannot answer, and the parts that they need. */
  readonly remaining: readonly Filter[];
  readonly neededParts: readonly PartName[];
}

/** The records that a query starts from: what follows FROM to read them as `r`. */
export interface SourcePlan extends SqlFragment {
  /** The filter that the source answers completely, if it does. */
  readonly exactly: FilterPlan | undefined;
  readonly count: number;
}

/**
 * Plans the filters of a checked query, and counts the keys of each source up to a bound to choose the best.
 *
 * `byId` says that results are ordered by id alone, or by kind and id.
 */
export function planQuery(
  catalog: Catalog,
  where: readonly Filter[],
  byId: boolean,
  limits: FindLimits,
): QueryPlan {
  const filters = where.flatMap((filter) => planFilter(catalog, filter));
  let kinds: ReadonlySet<number> | undefined;
  for (const { kinds: own } of filters) {
    if (own !== undefined)
      kinds = kinds === undefined ? own : new Set([...kinds].filter((code) => own.has(code)));
  }
  let keys: KeyRange | undefined;
  for (const { keys: own } of filters) {
    if (own === undefined) continue;
    keys = { low: Math.max(keys?.low ?? 1, own.low), high: Math.min(keys?.high ?? own.high, own.high) };
  }
  const source = smallestSource(catalog, filters, byId, limits);
  const undecided = filters.filter((filter) => filter.condition === undefined && filter !== source?.exactly);
  return {
    filters,
    kinds,
    keys,
    source,
    remaining: undecided.map(({ filter }) => filter),
    neededParts: [...new Set(undecided.flatMap(({ neededParts = [] }) => neededParts))],
  };
}

function smallestSource(
  catalog: Catalog,
  filters: readonly FilterPlan[],
  byId: boolean,
  limits: FindLimits,
): SourcePlan | undefined {
  const undecided = filters.filter(({ condition }) => condition === undefined);
  let smallest: SourcePlan | undefined;
  let bound = Number.POSITIVE_INFINITY;
  for (const filter of filters) {
    const { source, exact } = filter;
    if (source === undefined) continue;
    const readsTexts = undecided.some((one) => one !== filter || exact !== true);
    const readsIndex =
      byId && filters.length === 1 && filter.column !== undefined && filter.rows !== undefined;
    const few = readsTexts ? limits.sortedByText : readsIndex ? limits.sortedInIndex : limits.sorted;
    const limit = Math.min(bound, few + 1);
    const [count = 0] =
      catalog.database.get<[number]>(
        `SELECT count(*) FROM (${source.sql} LIMIT ?)`,
        ...source.parameters,
        limit,
      ) ?? [];
    if (count >= limit) continue;
    const rows = filter.rows ?? { ...source, sql: `record r WHERE r.key IN (${source.sql})` };
    smallest = { ...rows, exactly: exact === true ? filter : undefined, count };
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
