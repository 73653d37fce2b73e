// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolve } from "node:path";
import { defineExtension, type Extension, type OpenContext } from "@rmtc/contract";
import packageJson from "../package.json" with { type: "json" };
import { type SqliteOptions, sqliteOptions } from "./sqlite-options.ts";
import { SqliteRecordStore } from "./sqlite-record-store.ts";
import { SqliteRunStore } from "./sqlite-run-store.ts";

const shared = {
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  scheme: "sqlite",
  options: sqliteOptions,
} as const;

/** Opens a record store: `sqlite:.rmtc/catalog.db`. */
export const recordStore: Extension<"recordStore", SqliteOptions> = defineExtension({
  ...shared,
  role: "recordStore",
  open: async (options, context) => await SqliteRecordStore.open(placed(options, context), context),
});

/** Opens a run store, in the record store's file or in another. */
export const runStore: Extension<"runStore", SqliteOptions> = defineExtension({
  ...shared,
  role: "runStore",
  open: async (options, context) => await SqliteRunStore.open(placed(options, context), context),
});

const extensions: readonly Extension[] = [recordStore, runStore];
export default extensions;

function placed(options: SqliteOptions, context: OpenContext): SqliteOptions {
  return { ...options, path: resolve(context.baseFolder, options.path) };
}
