// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describeRecordStore, describeRunStore } from "@rmtc/conformance/vitest";
import { afterAll, beforeAll } from "vitest";
import { type PostgresOptions, PostgresRecordStore, PostgresRunStore } from "../../src/index.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";

let server: PostgresServer;
let schemas = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A schema for each case: making a database takes longer than most cases. */
function newOptions(): Required<Pick<PostgresOptions, "address" | "host" | "schema">> {
  schemas += 1;
  return { address: server.address, host: server.host, schema: `case_${schemas}` };
}

describeRecordStore("PostgresRecordStore on a server", async () => {
  const options = newOptions();
  const open = async (): Promise<PostgresRecordStore> => await PostgresRecordStore.open(options);
  return {
    store: await open(),
    reopen: open,
    async damage(id) {
      await server.execute(
        `UPDATE ${options.schema}.content SET envelope = overlay(envelope placing 'x' from 41)
         WHERE position = (SELECT position FROM ${options.schema}.record WHERE id = '${id.slice(9)}')`,
      );
    },
  };
});

describeRunStore("PostgresRunStore on a server", async () => {
  const options = newOptions();
  const open = async (): Promise<PostgresRunStore> => await PostgresRunStore.open(options);
  return { store: await open(), reopen: open };
});
