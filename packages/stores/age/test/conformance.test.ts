// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describeRecordStore } from "@rmtc/conformance/vitest";
import { afterAll, beforeAll } from "vitest";
import { AgeRecordStore } from "../src/index.ts";
import { type AgeServer, startAge } from "./support/age-server.ts";

let server: AgeServer;
beforeAll(async () => {
  server = await startAge();
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describeRecordStore("AgeRecordStore on an embedded server", async () => {
  const options = server.newPlace();
  const open = async (): Promise<AgeRecordStore> => await AgeRecordStore.open(options);
  return {
    store: await open(),
    reopen: open,
    damage: async (id) => {
      await server.execute(
        `UPDATE ${options.schema}.content SET envelope = overlay(envelope placing 'x' from 41)
         WHERE position = (SELECT position FROM ${options.schema}.record WHERE id = '${id.slice("urn:uuid:".length)}')`,
      );
    },
  };
});
