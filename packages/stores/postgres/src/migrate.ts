// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CallOptions, RmtcError } from "@rmtc/contract";
import type { Database, Query } from "./database.ts";
import { tables } from "./tables.ts";

/** What brings the tables from each version to the next; the first makes them. Published ones never change. */
const migrations: readonly string[] = [tables];

/**
 * Brings the tables to the version that this code knows, under a lock, so that processes that start together do it
 * once. A user without the right to make tables may open a database whose tables are up to date.
 *
 * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version made the tables.
 * @throws RMTC_FORMAT_INVALID when the database's texts are not UTF-8.
 */
export async function migrate(database: Database, options: CallOptions | undefined): Promise<void> {
  const found = await database.read(options, async (query) => await versionOf(query, database));
  if (found === migrations.length) return;
  await database.write(options, async (query) => {
    await query("SELECT pg_advisory_xact_lock(hashtextextended('rmtc', 0))");
    // Another process may have been first between our look at the version and our lock.
    const from = await versionOf(query, database);
    if (from === 0) await query(`CREATE SCHEMA IF NOT EXISTS ${database.schema}`);
    for (const migration of migrations.slice(from)) await query(migration);
    if (from < migrations.length) await query("UPDATE head SET version = $1", [migrations.length]);
  });
}

async function versionOf(query: Query, database: Database): Promise<number> {
  // Not to_regclass(), which may still remember that there was no table before this transaction waited for the lock.
  const [[encoding, exists] = []] = await query<[string, boolean]>(
    `SELECT current_setting('server_encoding'), EXISTS (
       SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'head')`,
    [database.schema],
  );
  if (encoding !== "UTF8") {
    throw new RmtcError(
      "RMTC_FORMAT_INVALID",
      `${database.place} keeps texts as ${encoding}; make a database with: createdb --encoding=UTF8`,
      { subject: database.place },
    );
  }
  if (exists !== true) return 0;
  const [[version = 0] = []] = await query<[number]>("SELECT version FROM head");
  if (version > migrations.length) {
    throw new RmtcError(
      "RMTC_STORE_VERSION_UNKNOWN",
      `${database.place} has version ${version} of the tables, and this program knows up to ${migrations.length}; update RMTC.`,
      { subject: database.place },
    );
  }
  return version;
}
