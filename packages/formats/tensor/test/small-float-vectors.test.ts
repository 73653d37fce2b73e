// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dtype } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { convertTensor, tensorFromBytes } from "../src/index.ts";
import { type Vector, vectorsOf } from "./vector-file.ts";

interface FloatVector extends Vector {
  readonly dtype: Dtype;
  readonly values?: readonly (number | string)[];
  readonly float32?: readonly string[];
  readonly codes?: readonly (number | "NaN")[];
}

describe("the vectors of small floats", () => {
  it.each(vectorsOf<FloatVector>("small-floats.json"))("%s", (_, { dtype, values, float32, codes }) => {
    const size = dtype === "F16" || dtype === "BF16" ? 2 : 1;
    const words = (bytes: ArrayBufferLike): number[] =>
      Array.from(size === 1 ? new Uint8Array(bytes) : new Uint16Array(bytes));
    if (values !== undefined) {
      const every = tensorFromBytes(
        dtype,
        [256],
        Uint8Array.from({ length: 256 }, (_, code) => code),
      );
      expect(Array.from(convertTensor(every, "F64").data)).toEqual(values.map(Number));
      return;
    }
    const bits = Uint32Array.from(float32 ?? [], (word) => Number.parseInt(word, 16));
    const start = tensorFromBytes("F32", [bits.length], new Uint8Array(bits.buffer));
    const doubles = convertTensor(start, "F64");
    for (const source of [start, doubles]) {
      const made = convertTensor(source, dtype);
      const back = convertTensor(made, "F32").data;
      const seen = words(made.data.buffer).map((code, index) => (Number.isNaN(back[index]) ? "NaN" : code));
      expect(seen).toEqual(codes);
    }
  });
});
