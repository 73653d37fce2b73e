// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import type { CountResult, Filter } from "@rmtc/contract";
import type { Catalog } from "./catalog.ts";
import { type FindLimits, findLimits } from "./find-limits.ts";
import { orderedRows } from "./ordered-rows.ts";
import { conditionOf, keepMatching, planQuery } from "./query-plan.ts";

const countedAtMost = 10_000;

/** Counts the records that pass, exactly up to 10,000. */
export async function countRecords(
  catalog: Catalog,
  where: readonly Filter[],
  signal: AbortSignal,
  limits: FindLimits = findLimits,
): Promise<CountResult> {
  const asOf = catalog.cursor(catalog.head());
  const plan = planQuery(catalog, where, true, limits);
  const answer = (count: number): CountResult => ({
    count: Math.min(count, countedAtMost),
    more: count > countedAtMost,
    asOf,
  });
  const [only] = plan.filters;
  if (plan.filters.length === 1 && only?.source !== undefined && only.exact === true) {
    const [found = 0] =
      catalog.database.get<[number]>(
        `SELECT count(*) FROM (SELECT DISTINCT key FROM (${only.source.sql}) LIMIT ?)`,
        ...only.source.parameters,
        countedAtMost + 1,
      ) ?? [];
    return answer(found);
  }
  const { source } = plan;
  if (source !== undefined) {
    const { sql, parameters } = conditionOf(plan.filters.filter((filter) => filter !== source.exactly));
    const rows = catalog.database.all<[number]>(
      `SELECT r.key FROM ${source.sql}${sql === "" ? "" : ` AND ${sql}`} LIMIT ?`,
      ...source.parameters,
      ...parameters,
      plan.remaining.length === 0 ? countedAtMost + 1 : -1,
    );
    return answer(
      keepMatching(
        catalog,
        plan,
        rows.map(([key]) => ({ key })),
      ).length,
    );
  }
  let count = 0;
  for (const rows of orderedRows(catalog, plan, undefined, undefined, limits)) {
    count += keepMatching(catalog, plan, rows).length;
    if (count > countedAtMost) break;
    await setImmediate();
    signal.throwIfAborted();
  }
  return answer(count);
}
