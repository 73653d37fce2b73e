// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { answerTests } from "./answer-tests.ts";
import type { Graph } from "./graph.ts";
import { noticeTests } from "./notice-tests.ts";
import { walkTests } from "./walk-tests.ts";

/** What each test puts and asks, by its description. */
export const lineageTests: Readonly<Record<string, (graph: Graph) => void>> = {
  ...walkTests,
  ...answerTests,
  ...noticeTests,
};
