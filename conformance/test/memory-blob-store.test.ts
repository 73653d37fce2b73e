// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { MemoryBlobStore } from "@rmtc/store-memory";
import { describeBlobStore } from "../src/vitest.ts";

describeBlobStore("MemoryBlobStore", async () => ({ store: new MemoryBlobStore() }));
