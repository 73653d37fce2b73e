// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dtype } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { convertTensor, tensorFromBytes } from "../src/index.ts";
import { codesOf, everyCode, numbersOf } from "./any-tensor.ts";
import { type Vector, vectorsOf } from "./vector-file.ts";

interface FloatVector extends Vector {
  readonly dtype: Dtype;
  readonly values?: readonly (number | string)[];
  readonly float32?: readonly string[];
  readonly codes?: readonly (number | "NaN")[];
}

describe("the vectors of small floats", () => {
  it.each(vectorsOf<FloatVector>("small-floats.json"))("%s", (_, { dtype, values, float32, codes }) => {
    if (values !== undefined) {
      expect(numbersOf(convertTensor(everyCode(dtype), "F64"))).toEqual(values.map(Number));
      return;
    }
    const bits = Uint32Array.from(float32 ?? [], (word) => Number.parseInt(word, 16));
    const singles = tensorFromBytes("F32", [bits.length], new Uint8Array(bits.buffer));
    for (const source of [singles, convertTensor(singles, "F64")]) {
      const made = convertTensor(source, dtype);
      const back = numbersOf(convertTensor(made, "F32"));
      const seen = codesOf(made).map((code, index) => (Number.isNaN(back[index]) ? "NaN" : code));
      expect(seen).toEqual(codes);
    }
  });
});
