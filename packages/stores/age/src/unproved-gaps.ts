// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions, ClosurePage, LinkGap } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import type { GraphPlace } from "./age-options.ts";
import type { GraphDatabase } from "./graph-database.ts";

/** Returns the records that an edge touches which no link of a record made. */
export async function touchedRecords(
  database: GraphDatabase,
  { graph }: GraphPlace,
  options: CallOptions | undefined,
): Promise<ReadonlySet<RecordId>> {
  const rows = await database.read(options, (query) =>
    query<[string]>(`SELECT DISTINCT id FROM ${graph}._rmtc_touched() id`),
  );
  return new Set(rows.map(([uuid]) => `urn:uuid:${uuid}`));
}

/** Adds a gap to a page for each of its records that something touches which no record proves. */
export function withUnprovedGaps(page: ClosurePage, touched: ReadonlySet<RecordId>): ClosurePage {
  if (touched.size === 0) return page;
  const unproved = page.records
    .filter(({ id }) => touched.has(id))
    .map(({ id }): LinkGap => ({ type: "unproved", id }));
  return unproved.length === 0 ? page : { ...page, gaps: [...page.gaps, ...unproved] };
}
