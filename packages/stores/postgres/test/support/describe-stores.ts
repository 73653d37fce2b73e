// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describeRecordStore, describeRunStore } from "@rmtc/conformance/vitest";
import { Client } from "pg";
import { PostgresRecordStore, PostgresRunStore } from "../../src/index.ts";

/** Where a server is. */
export interface ServerAddress {
  readonly address: string;
  readonly host: string;
}

/**
 * Declares the suites of both roles on a server, with a schema for each case: making a database takes longer than
 * most cases.
 */
export function describeStores(name: string, server: () => ServerAddress): void {
  let schemas = 0;
  const newOptions = (): ServerAddress & { readonly schema: string } => {
    schemas += 1;
    const { address, host } = server();
    return { address, host, schema: `case_${schemas}` };
  };

  describeRecordStore(`PostgresRecordStore on ${name}`, async () => {
    const options = newOptions();
    const open = async (): Promise<PostgresRecordStore> => await PostgresRecordStore.open(options);
    return {
      store: await open(),
      reopen: open,
      damage: async (id) => {
        await using client = await connect(options);
        await client.query(
          `UPDATE ${options.schema}.content SET envelope = overlay(envelope placing 'x' from 41)
           WHERE position = (SELECT position FROM ${options.schema}.record WHERE id = $1)`,
          [id.slice("urn:uuid:".length)],
        );
      },
    };
  });

  describeRunStore(`PostgresRunStore on ${name}`, async () => {
    const options = newOptions();
    const open = async (): Promise<PostgresRunStore> => await PostgresRunStore.open(options);
    return { store: await open(), reopen: open };
  });
}

/** Opens a connection of a test's own. */
export async function connect({ address, host }: ServerAddress): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: `${address}?host=${encodeURIComponent(host)}` });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}
