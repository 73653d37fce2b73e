// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkDoubles } from "./doubles/check-doubles.ts";
import { infererDoubles } from "./doubles/inferer/index.ts";

checkDoubles("inferer", infererDoubles);
