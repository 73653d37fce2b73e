// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import * as tensor from "../src/index.ts";

it("exports these names and no others", () => {
  expect(Object.keys(tensor).sort()).toMatchInlineSnapshot(`
    [
      "SafetensorsFile",
      "SlotFile",
      "bitsPerElement",
      "convertTensor",
      "createSlotFile",
      "dtypes",
      "elementCount",
      "fileError",
      "findNonFinite",
      "flipOrigin",
      "float16ToFloat32",
      "float32ToFloat16",
      "isDtype",
      "npyToBytes",
      "openRegularFile",
      "openSafetensors",
      "openSlotFile",
      "parseNpy",
      "parseSafetensors",
      "permuteAxes",
      "readFully",
      "replaceFile",
      "requireLayout",
      "safetensorsToBytes",
      "tensorByteLength",
      "tensorBytes",
      "tensorFromBytes",
      "tensorOf",
      "transposeTensor",
      "validateLayout",
      "writeFully",
      "writeSafetensors",
      "zeroTensor",
    ]
  `);
});
