// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CallOptions, RmtcError } from "@rmtc/contract";
import { sqlStateOf } from "./age-error.ts";
import type { GraphPlace } from "./age-options.ts";
import type { GraphDatabase, Query } from "./graph-database.ts";
import { graphFunctions, graphTriggers } from "./graph-sql.ts";

/** What this program calls of AGE. */
const functions = [
  "ag_catalog._graphid(integer,bigint)",
  "ag_catalog.create_graph(name)",
  "ag_catalog.agtype_in(cstring)",
  "ag_catalog.cypher(name,cstring,ag_catalog.agtype)",
];

/**
 * Makes the graph of the records unless it is there already, and fills it with what is held. Processes that start
 * together do it once. A user without the right to make it may open one that is there.
 *
 * @returns The version of AGE that the server has.
 * @throws RMTC_UNSUPPORTED when the server does not have AGE, or one that lacks what this needs.
 * @throws RMTC_ACCESS_DENIED when this user may not make the graph.
 * @throws RMTC_OPTION_INVALID when the name is taken by something else.
 */
export async function installGraph(
  database: GraphDatabase,
  place: GraphPlace,
  options: CallOptions | undefined,
): Promise<string> {
  const found = await database.read(options, async (query) => {
    const version = await versionOf(query);
    return version !== undefined && (await isInstalled(query, place)) ? version : undefined;
  });
  if (found !== undefined) return found;
  // In a transaction of its own: AGE's library remembers the ids of its types even where they were rolled back.
  const version = await database.write(options, async (query) => {
    await lockInstallation(query);
    return (await versionOf(query)) ?? (await createExtension(query, database.place));
  });
  await database.write(options, async (query) => {
    await lockInstallation(query);
    if (!(await isInstalled(query, place))) await makeGraph(query, place);
  });
  return version;
}

/**
 * Makes the graph again from the records; vertices and edges that plain Cypher made stay where the graph is still
 * there, and so do their ties to records.
 *
 * @throws RMTC_ACCESS_DENIED when this user may not do that.
 */
export async function rebuildGraph(
  database: GraphDatabase,
  place: GraphPlace,
  options: CallOptions | undefined,
): Promise<void> {
  await database.write(options, async (query) => {
    await lockInstallation(query);
    await makeGraph(query, place);
  });
}

async function lockInstallation(query: Query): Promise<void> {
  await query("SELECT pg_advisory_xact_lock(hashtextextended('rmtc graph', 0))");
}

async function makeGraph(query: Query, place: GraphPlace): Promise<void> {
  const { graph, schema } = place;
  // Like every writer of records: what is put from here on finds the triggers.
  await query(`SELECT position FROM ${schema}.head FOR UPDATE`);
  const [[isGraph, isSchema, other] = []] = await query<[boolean, boolean, string | null]>(
    `SELECT EXISTS (SELECT FROM ag_catalog.ag_graph WHERE name = $1),
       EXISTS (SELECT FROM pg_namespace WHERE nspname = $1),
       (SELECT min(n.nspname) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND n.nspname <> $2)`,
    [graph, schema],
  );
  if (other !== undefined && other !== null) {
    throw nameTaken(`The graph ${graph} shows the records of the schema ${other}; name another graph.`);
  }
  if (isGraph !== true) {
    if (isSchema === true) throw nameTaken(`The schema ${graph} is no graph of AGE; name another graph.`);
    await query(`SELECT ag_catalog.create_graph('${graph}')`);
  }
  await query(graphFunctions(place));
  await query(`SELECT ${graph}._rmtc_fill()`);
}

function nameTaken(message: string): RmtcError {
  return new RmtcError("RMTC_OPTION_INVALID", message, { pointer: "/graph" });
}

async function isInstalled(query: Query, place: GraphPlace): Promise<boolean> {
  const triggers = graphTriggers(place);
  const [[count, isGraph] = []] = await query<[number, boolean]>(
    `SELECT (SELECT count(*)::integer FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace JOIN unnest($1::text[], $2::text[]) w(name, wanted)
         ON t.tgname = w.name AND c.relname = w.wanted
       WHERE n.nspname = $3 AND t.tgenabled <> 'D'),
     EXISTS (SELECT FROM ag_catalog.ag_graph WHERE name = $4)`,
    [triggers.map(({ name }) => name), triggers.map(({ table }) => table), place.schema, place.graph],
  );
  return count === triggers.length && isGraph === true;
}

async function versionOf(query: Query): Promise<string | undefined> {
  const [[version] = []] = await query<[string]>("SELECT extversion FROM pg_extension WHERE extname = 'age'");
  return version;
}

async function createExtension(query: Query, place: string): Promise<string> {
  try {
    await query("CREATE EXTENSION age");
  } catch (error) {
    const code = sqlStateOf(error);
    if (code === "42501") {
      throw new RmtcError(
        "RMTC_ACCESS_DENIED",
        `This user may not add Apache AGE to ${place}; let a superuser run: CREATE EXTENSION age`,
        { subject: place, cause: error },
      );
    }
    // A server without AGE cannot find its control file, or refuses the name.
    if (!["58P01", "0A000", "22023", "42704"].includes(code)) throw error;
    throw new RmtcError(
      "RMTC_UNSUPPORTED",
      `The server of ${place} does not have Apache AGE; install it there, or use a postgres:// address, which needs none.`,
      { subject: place, cause: error },
    );
  }
  const version = (await versionOf(query)) ?? "";
  const [[missing] = []] = await query<[string | null]>(
    "SELECT string_agg(name, ', ') FROM unnest($1::text[]) name WHERE to_regprocedure(name) IS NULL",
    [functions],
  );
  if (missing === null || missing === undefined) return version;
  throw new RmtcError("RMTC_UNSUPPORTED", `Apache AGE ${version} of ${place} lacks ${missing}; update it.`, {
    subject: place,
  });
}
