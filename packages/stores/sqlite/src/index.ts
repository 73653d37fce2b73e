// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { default, recordStore, runStore } from "./extensions.ts";
export type { SqliteOptions } from "./sqlite-options.ts";
export { SqliteRecordStore } from "./sqlite-record-store.ts";
export { SqliteRunStore } from "./sqlite-run-store.ts";
