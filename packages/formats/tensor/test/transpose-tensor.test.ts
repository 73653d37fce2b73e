// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dtypes, elementCount, type Tensor, tensorBytes, transposeTensor } from "../src/index.ts";
import { anyOrder, anyTensor, counting, numbersOf } from "./any-tensor.ts";
import { codeOf } from "./refusal.ts";

const wholeBytes = dtypes.filter((dtype) => !/^F[46]/.test(dtype) || dtype === "F64");

/** Element by element, as the definition says. */
function transposedSlowly(tensor: Tensor, order: readonly number[]): number[] {
  const { shape, data } = tensor;
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const made: number[] = [];
  const walk = (depth: number, at: number): void => {
    const axis = order[depth];
    if (axis === undefined) made.push(Number(data[at]));
    else for (let i = 0; i < (shape[axis] ?? 0); i++) walk(depth + 1, at + i * (strides[axis] ?? 0));
  };
  walk(0, 0);
  return made;
}

function inverse(order: readonly number[]): number[] {
  return order.map((_, axis) => order.indexOf(axis));
}

describe("transposeTensor", () => {
  it("comes back bit by bit for every element type, shape and order", () => {
    const cases = anyTensor(wholeBytes).chain((tensor) =>
      anyOrder(tensor).map((order) => [tensor, order] as const),
    );
    fc.assert(
      fc.property(cases, ([tensor, order]) => {
        const back = transposeTensor(transposeTensor(tensor, order), inverse(order));
        expect(back.shape).toEqual(tensor.shape);
        expect(tensorBytes(back)).toEqual(tensorBytes(tensor));
      }),
      { numRuns: 400 },
    );
  });

  it("puts every element where the definition says", () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 });
    const cases = shapes.chain((shape) => {
      const tensor = counting(shape);
      return anyOrder(tensor).map((order) => [tensor, order] as const);
    });
    fc.assert(
      fc.property(cases, ([tensor, order]) => {
        expect(numbersOf(transposeTensor(tensor, order))).toEqual(transposedSlowly(tensor, order));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [2, 3],
    [3, 3],
    [4, 3],
    [5, 4],
    [100, 3],
    [101, 4],
    [200, 70],
  ])("splits and joins %i pixels of %i channels in every word size", (pixels, channels) => {
    for (const Words of [Uint8Array, Uint16Array, Uint32Array]) {
      const dtype = ({ 1: "U8", 2: "U16", 4: "U32" } as const)[Words.BYTES_PER_ELEMENT as 1 | 2 | 4];
      const data = new Words(pixels * channels).map((_, index) => index);
      const planes = transposeTensor({ dtype, shape: [pixels, channels], data }, [1, 0]);
      expect(numbersOf(planes)).toEqual(transposedSlowly({ dtype, shape: [pixels, channels], data }, [1, 0]));
      expect(transposeTensor(planes, [1, 0]).data).toEqual(data);
    }
  });

  it("keeps the bits of NaNs", () => {
    const bits = Uint32Array.of(0x7fc12345, 0xffc54321, 0x7f812345, 1);
    const tensor = { dtype: "F32", shape: [2, 2], data: new Float32Array(bits.buffer) } as const;
    const made = transposeTensor(tensor, [1, 0]);
    expect(new Uint32Array(made.data.buffer)).toEqual(Uint32Array.of(0x7fc12345, 0x7f812345, 0xffc54321, 1));
  });

  it("refuses orders that are none, and elements below a byte", () => {
    const tensor = counting([2, 3]);
    for (const order of [[0], [0, 0], [0, 2], [0, 1, 2]]) {
      expect(codeOf(() => transposeTensor(tensor, order))).toBe("RMTC_OPTION_INVALID");
    }
    const small = { dtype: "F4", shape: [2, 2], data: new Uint8Array(2) } as const;
    expect(codeOf(() => transposeTensor(small, [1, 0]))).toBe("RMTC_FORMAT_UNSUPPORTED");
  });
});
