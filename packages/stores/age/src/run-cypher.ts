// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import type { CypherRequest, CypherResult } from "@rmtc/contract";
import { type CallOptions, RmtcError } from "@rmtc/contract";
import { errorFromQuery } from "./age-error.ts";
import { readingQuery } from "./cypher-columns.ts";
import type { GraphDatabase } from "./graph-database.ts";
import { parseAgtype } from "./parse-agtype.ts";

const maxRows = 10_000;
/** Rows that are parsed before the event loop gets a turn. */
const rowsPerTurn = 250;

/**
 * A call of any function of AGE loads its library, as LOAD does for a superuser alone. And a server that can
 * (PostgreSQL 14 and later) looks every second whether anybody still waits for the answer.
 */
const prepare = `SELECT agtype_in('0'),
  CASE WHEN current_setting('client_connection_check_interval', true) IS NOT NULL
  THEN set_config('client_connection_check_interval', '1000', true) END`;

/**
 * Runs a query in a transaction that may only read and is always undone.
 *
 * @throws RMTC_QUERY_INVALID when the query is wrong or writes, or the limit is no integer from 1 to 10,000.
 * @throws RMTC_LIMIT_EXCEEDED when the server's own limit of time stopped it.
 */
export async function runCypher(
  database: GraphDatabase,
  graph: string,
  { query, parameters, limit = 1_000 }: CypherRequest,
  options: CallOptions | undefined,
): Promise<CypherResult> {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxRows) {
    throw new RmtcError("RMTC_QUERY_INVALID", `"/limit" must be an integer from 1 to ${maxRows}.`, {
      pointer: "/limit",
    });
  }
  const { text, columns } = readingQuery(query);
  const tag = freeTag(text);
  const opening = `SELECT * FROM ag_catalog.cypher('${graph}', ${tag}`;
  const types = columns.map((_, index) => `c${index} ag_catalog.agtype`).join();
  // The line break ends a comment, and a query that ends like the beginning of the tag.
  const statement = `${opening}${text}\n${tag}${parameters ? ", $1" : ""}) AS (${types}) LIMIT ${limit + 1}`;
  const found = await database.read(options, async (run) => {
    await run(prepare);
    let rows: readonly (readonly (string | null)[])[];
    try {
      rows = await run<readonly (string | null)[]>(statement, parameters && [JSON.stringify(parameters)]);
    } catch (error) {
      throw options?.signal?.aborted === true ? error : errorFromQuery(error, text, opening.length);
    }
    // Some versions of AGE write past the server's check; what was written is undone like everything here.
    const [[transaction] = []] = await run("SELECT pg_current_xact_id_if_assigned()::text");
    if (typeof transaction !== "string") return rows;
    throw new RmtcError(
      "RMTC_QUERY_INVALID",
      "A query here only reads, and this one writes; it was undone.",
      {
        pointer: "/query",
      },
    );
  });
  const rows: unknown[][] = [];
  for (const row of found.slice(0, limit)) {
    rows.push(row.map((value) => (value === null ? null : parseAgtype(value))));
    if (rows.length % rowsPerTurn === 0) await setImmediate();
  }
  return { columns, rows, more: found.length > limit };
}

/** Returns a quote that does not occur in the text. */
function freeTag(text: string): string {
  for (let number = 0; ; number++) {
    const tag = `$q${number}$`;
    if (!text.includes(tag)) return tag;
  }
}
