// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { blobStore, blobStore as default } from "./extension.ts";
export { FsBlobStore, type FsBlobStoreOptions } from "./fs-blob-store.ts";
