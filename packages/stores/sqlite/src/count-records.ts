// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import type { CountResult, Filter } from "@rmtc/contract";
import type { Catalog } from "./catalog.ts";
import { orderedRows } from "./ordered-rows.ts";
import { conditionOf, keepMatching, planQuery } from "./query-plan.ts";

const countedAtMost = 10_000;

/** Counts the records that pass, exactly up to 10,000. */
export async function countRecords(
  catalog: Catalog,
  where: readonly Filter[],
  signal: AbortSignal,
): Promise<CountResult> {
  const asOf = catalog.cursor(catalog.head());
  const plan = planQuery(catalog, where);
  const answer = (count: number): CountResult => ({
    count: Math.min(count, countedAtMost),
    more: count > countedAtMost,
    asOf,
  });
  if (plan.source !== undefined) {
    const { sql, parameters } = conditionOf(plan.filters);
    const rows = catalog.database.all<[number]>(
      `SELECT r.key FROM (SELECT DISTINCT key FROM (${plan.source.sql})) s CROSS JOIN record r ON r.key = s.key
       ${sql === "" ? "" : `WHERE ${sql}`}`,
      ...plan.source.parameters,
      ...parameters,
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
  for (const rows of orderedRows(catalog, plan, undefined, undefined)) {
    count += keepMatching(catalog, plan, rows).length;
    if (count > countedAtMost) break;
    await setImmediate();
    signal.throwIfAborted();
  }
  return answer(count);
}
