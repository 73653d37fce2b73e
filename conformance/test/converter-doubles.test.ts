// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkDoubles } from "./doubles/check-doubles.ts";
import { converterDoubles } from "./doubles/converter/index.ts";

checkDoubles("converter", converterDoubles);
