// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { default, recordStore, runStore } from "./extensions.ts";
export type { FileOptions } from "./file-options.ts";
export { FileRecordStore } from "./file-record-store.ts";
export { FileRunStore } from "./file-run-store.ts";
