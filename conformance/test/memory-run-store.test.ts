// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { MemoryRunStore } from "@rmtc/store-memory";
import { describeRunStore } from "../src/vitest.ts";

describeRunStore("MemoryRunStore", async () => ({ store: new MemoryRunStore() }));
