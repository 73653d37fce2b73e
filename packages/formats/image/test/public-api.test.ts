// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import * as image from "../src/index.ts";

it("exports these names and no others", () => {
  expect(Object.keys(image).sort()).toMatchInlineSnapshot(`
    [
      "addChannels",
      "colorInteropIdOf",
      "commonDtype",
      "decodeAttribute",
      "encodeAttribute",
      "exrLayout",
      "exrPartFromTensor",
      "exrToBytes",
      "exrToTensor",
      "findNonFinite",
      "inViewOrder",
      "probeImage",
      "readExr",
      "readExrHeaders",
      "readImage",
      "readPng",
      "windowSize",
      "writeExr",
      "writePng",
    ]
  `);
});
