// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolve } from "node:path";
import { defineExtension, type Extension, type OpenContext } from "@rmtc/contract";
import manifest from "../package.json" with { type: "json" };
import { type SqliteOptions, sqliteOptions } from "./sqlite-options.ts";
import { SqliteRecordStore } from "./sqlite-record-store.ts";

const shared = {
  name: manifest.name,
  version: manifest.version,
  contract: 1,
  scheme: "sqlite",
  options: sqliteOptions,
} as const;

/** Opens a record store: `sqlite:.rmtc/catalog.db`. */
export const recordStore: Extension<"recordStore", SqliteOptions> = defineExtension({
  ...shared,
  role: "recordStore",
  open: (options, context) => SqliteRecordStore.open(placed(options, context), context),
});

function placed(options: SqliteOptions, context: OpenContext): SqliteOptions {
  return { ...options, path: resolve(context.baseFolder, options.path) };
}
