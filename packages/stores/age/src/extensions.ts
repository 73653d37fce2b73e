// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { PostgresRunStore } from "@rmtc/store-postgres";
import packageJson from "../package.json" with { type: "json" };
import { type AgeOptions, ageOptions, postgresOptionsOf } from "./age-options.ts";
import { AgeRecordStore } from "./age-record-store.ts";

const shared = {
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  scheme: "age",
  options: ageOptions,
} as const;

/** Opens a record store: `age://user@server/database?graph=rmtc_graph&schema=rmtc`. */
export const recordStore: Extension<"recordStore", AgeOptions> = defineExtension({
  ...shared,
  role: "recordStore",
  open: async (options, context) => await AgeRecordStore.open(options, context),
});

/** Opens the run store of the same database, so that one address serves both roles. Runs are no part of the graph. */
export const runStore: Extension<"runStore", AgeOptions> = defineExtension({
  ...shared,
  role: "runStore",
  open: async (options, context) => await PostgresRunStore.open(postgresOptionsOf(options), context),
});

const extensions: readonly Extension[] = [recordStore, runStore];
export default extensions;
