// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { PostgresRecordStore, PostgresRunStore } from "@rmtc/store-postgres";
import { Client } from "pg";
import type { Measurement } from "./measurement.ts";
import { measureStores } from "./stores.ts";

/**
 * The PostgreSQL stores, measured as the SQLite ones are, on the server that libpq's environment variables name
 * (`PGHOST`, `PGUSER`, `PGDATABASE` …), in a schema of its own that goes again.
 */
export async function measure(): Promise<readonly Measurement[]> {
  const options = { address: "postgres://", schema: `rmtc_bench_${process.pid}` };
  const client = new Client();
  await client.connect();
  try {
    await using records = await PostgresRecordStore.open(options);
    await using runs = await PostgresRunStore.open(options);
    const budgets = { putRecordsPerSecond: 10_000, closureMicroseconds: 10, pointsPerSecond: 100_000 };
    return await measureStores("postgres", { records, runs }, budgets);
  } finally {
    await client.query(`DROP SCHEMA IF EXISTS ${options.schema} CASCADE`);
    await client.end();
  }
}
