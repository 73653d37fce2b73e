// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { blobStore, default, type MemoryStoreOptions, recordStore, runStore } from "./extensions.ts";
export { type MemoryBlob, MemoryBlobStore } from "./memory-blob-store.ts";
export { MemoryRecordStore } from "./memory-record-store.ts";
export { MemoryRunStore } from "./memory-run-store.ts";
export type { RecordRow } from "./record-row.ts";
