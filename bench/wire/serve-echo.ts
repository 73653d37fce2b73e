// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { runStore } from "@rmtc/store-memory";
import { serveExtension } from "@rmtc/wire";
import { echoInferer } from "./echo-extensions.ts";

serveExtension([runStore, echoInferer]);
