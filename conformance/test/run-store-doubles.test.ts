// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkDoubles } from "./doubles/check-doubles.ts";
import { runStoreDoubles } from "./doubles/run-store/index.ts";

checkDoubles("runStore", runStoreDoubles);
