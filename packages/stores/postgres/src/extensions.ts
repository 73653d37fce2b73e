// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import packageJson from "../package.json" with { type: "json" };
import { type PostgresOptions, postgresOptions } from "./postgres-options.ts";
import { PostgresRecordStore } from "./postgres-record-store.ts";
import { PostgresRunStore } from "./postgres-run-store.ts";

const shared = {
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  scheme: "postgres",
  options: postgresOptions,
} as const;

/** Opens a record store: `postgres://user@server/database?schema=rmtc`. */
export const recordStore: Extension<"recordStore", PostgresOptions> = defineExtension({
  ...shared,
  role: "recordStore",
  open: async (options, context) => await PostgresRecordStore.open(options, context),
});

/** Opens a run store, in the record store's database or in another. */
export const runStore: Extension<"runStore", PostgresOptions> = defineExtension({
  ...shared,
  role: "runStore",
  open: async (options, context) => await PostgresRunStore.open(options, context),
});

const extensions: readonly Extension[] = [recordStore, runStore];
export default extensions;
