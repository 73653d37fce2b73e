// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import * as query from "../src/index.ts";

it("exports these names and no others", () => {
  expect(Object.keys(query).sort()).toMatchInlineSnapshot(`
    [
      "Query",
      "checkCount",
      "checkQuery",
      "comparePlaces",
      "compareUtf8",
      "decodeCursor",
      "encodeCursor",
      "fieldValues",
      "formatQuery",
      "matches",
      "matchesWords",
      "orderPlace",
      "parseQuery",
      "prefixEnd",
      "queryFieldOf",
      "queryLimits",
      "wordsOf",
    ]
  `);
});
