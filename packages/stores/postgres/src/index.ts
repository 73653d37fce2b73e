// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { default, recordStore, runStore } from "./extensions.ts";
export type { PostgresOptions } from "./postgres-options.ts";
export { PostgresRecordStore } from "./postgres-record-store.ts";
export { PostgresRunStore } from "./postgres-run-store.ts";
