// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describeBlobStore } from "@rmtc/conformance/vitest";
import { FsBlobStore } from "../src/index.ts";
import { flipBit } from "./support/flip-bit.ts";

describeBlobStore("FsBlobStore", async (folder) => {
  const open = (): Promise<FsBlobStore> => FsBlobStore.open({ path: folder });
  const store = await open();
  return { store, reopen: open, damage: async (digest) => await flipBit(await store.localPath(digest)) };
});
