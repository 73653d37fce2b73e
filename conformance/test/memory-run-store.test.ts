// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describeRunStore } from "@rmtc/conformance/vitest";
import { MemoryRunStore } from "../src/index.ts";

describeRunStore("MemoryRunStore", async () => ({ store: new MemoryRunStore() }));
