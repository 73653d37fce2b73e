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
      "convertAlpha",
      "convertCameraFrame",
      "convertMatrixConvention",
      "convertSpace",
      "convertTensor",
      "createSlotFile",
      "dtypes",
      "elementCount",
      "fileError",
      "findLayoutIssue",
      "findNonFinite",
      "findProfileIssue",
      "flipOrigin",
      "float16ToFloat32",
      "float32ToFloat16",
      "isDtype",
      "npyToBytes",
      "openRegularFile",
      "openSafetensors",
      "openSlotFile",
      "parseLayout",
      "parseNpy",
      "parseSafetensors",
      "permuteAxes",
      "readFully",
      "replaceFile",
      "requireLayout",
      "reverseWinding",
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
