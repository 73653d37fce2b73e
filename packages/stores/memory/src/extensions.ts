// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension, type OptionsSchema } from "@rmtc/contract";
import packageJson from "../package.json" with { type: "json" };
import { MemoryBlobStore } from "./memory-blob-store.ts";
import { MemoryRecordStore } from "./memory-record-store.ts";
import { MemoryRunStore } from "./memory-run-store.ts";

/** Memory stores have no options. */
export type MemoryStoreOptions = Readonly<Record<string, never>>;

const { name, version } = packageJson;
const scheme = "memory";

const options: OptionsSchema<MemoryStoreOptions> = {
  "~standard": {
    version: 1,
    vendor: "rmtc",
    validate: (value) => {
      if (value === undefined) return { value: {} };
      const plain = typeof value === "object" && value !== null && !Array.isArray(value);
      if (!plain) return { issues: [{ message: "A memory store's options are an empty object." }] };
      const [unknown] = Object.keys(value);
      if (unknown === undefined) return { value: {} };
      return { issues: [{ message: "A memory store has no options.", path: [unknown] }] };
    },
  },
};

/** Opens a {@link MemoryRecordStore}: `memory:`. */
export const recordStore: Extension<"recordStore", MemoryStoreOptions> = defineExtension({
  role: "recordStore",
  name,
  version,
  contract: 1,
  scheme,
  options,
  open: async () => new MemoryRecordStore(),
});

/** Opens a {@link MemoryRunStore}: `memory:`. */
export const runStore: Extension<"runStore", MemoryStoreOptions> = defineExtension({
  role: "runStore",
  name,
  version,
  contract: 1,
  scheme,
  options,
  open: async () => new MemoryRunStore(),
});

/** Opens a {@link MemoryBlobStore}: `memory:`. */
export const blobStore: Extension<"blobStore", MemoryStoreOptions> = defineExtension({
  role: "blobStore",
  name,
  version,
  contract: 1,
  scheme,
  options,
  open: async () => new MemoryBlobStore(),
});

const extensions: readonly Extension[] = [recordStore, runStore, blobStore];
export default extensions;
