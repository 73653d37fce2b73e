// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import * as api from "../src/index.ts";

it("exports these names and no others", () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "OnnxTrainer",
      "default",
      "exportOnnx",
      "onnxTrainerOptions",
      "trainer",
    ]
  `);
});
