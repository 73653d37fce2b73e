// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describeRecordStore } from "@rmtc/conformance/vitest";
import { MemoryRecordStore } from "../src/index.ts";

describeRecordStore("MemoryRecordStore", async () => ({ store: new MemoryRecordStore() }));
