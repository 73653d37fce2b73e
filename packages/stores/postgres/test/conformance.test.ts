// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { afterAll, beforeAll } from "vitest";
import { describeStores } from "./support/describe-stores.ts";
import { type EmbeddedServer, startEmbedded } from "./support/embedded-server.ts";

let server: EmbeddedServer;
beforeAll(async () => {
  server = await startEmbedded();
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describeStores("an embedded server", () => server);
