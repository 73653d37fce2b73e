// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkDoubles } from "./doubles/check-doubles.ts";
import { trainingStrategyDoubles } from "./doubles/training-strategy/index.ts";

checkDoubles("trainingStrategy", trainingStrategyDoubles);
