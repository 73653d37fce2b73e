// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { MemoryRecordStore } from "@rmtc/store-memory";
import { describeRecordStore } from "../src/vitest.ts";

describeRecordStore("MemoryRecordStore", async () => ({ store: new MemoryRecordStore() }));
