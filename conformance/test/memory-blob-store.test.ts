// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describeBlobStore } from "@rmtc/conformance/vitest";
import { MemoryBlobStore } from "../src/index.ts";

describeBlobStore("MemoryBlobStore", async () => ({ store: new MemoryBlobStore() }));
