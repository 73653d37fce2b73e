#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { enableCompileCache } from "node:module";

enableCompileCache();
await import("../dist/main.js");
