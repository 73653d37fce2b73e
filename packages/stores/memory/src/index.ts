// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { type MemoryBlob, MemoryBlobStore } from "./memory-blob-store.ts";
export { MemoryRecordStore } from "./memory-record-store.ts";
