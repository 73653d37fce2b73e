// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolve } from "node:path";
import { defineExtension, type Extension, type OpenContext } from "@rmtc/contract";
import packageJson from "../package.json" with { type: "json" };
import { type FileOptions, fileOptions } from "./file-options.ts";
import { FileRecordStore } from "./file-record-store.ts";
import { FileRunStore } from "./file-run-store.ts";

const shared = {
  name: packageJson.name,
  version: packageJson.version,
  contract: 1,
  scheme: "file",
  options: fileOptions,
} as const;

/** Opens a record store: `file:records/`. */
export const recordStore: Extension<"recordStore", FileOptions> = defineExtension({
  ...shared,
  role: "recordStore",
  open: async (options, context) => await FileRecordStore.open(placed(options, context), context),
});

/** Opens a run store, in the record store's folder or in another. */
export const runStore: Extension<"runStore", FileOptions> = defineExtension({
  ...shared,
  role: "runStore",
  open: async (options, context) => await FileRunStore.open(placed(options, context), context),
});

const extensions: readonly Extension[] = [recordStore, runStore];
export default extensions;

function placed({ path, index }: FileOptions, { baseFolder }: OpenContext): FileOptions {
  const folder = resolve(baseFolder, path);
  return index === undefined ? { path: folder } : { path: folder, index: resolve(baseFolder, index) };
}
