// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import * as query from "../src/index.ts";

it("exports these names and no others", () => {
  expect(Object.keys(query).sort()).toMatchInlineSnapshot(`
    [
      "checkCount",
      "checkQuery",
      "comparePlaces",
      "compareUtf8",
      "decodeCursor",
      "encodeCursor",
      "fieldValues",
      "matches",
      "matchesWords",
      "orderPlace",
      "prefixEnd",
      "queryFieldOf",
      "queryLimits",
      "wordsOf",
    ]
  `);
});
