// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dtype } from "@rmtc/spec";
import fc from "fast-check";
import {
  bitsPerElement,
  dtypes,
  elementCount,
  type Tensor,
  tensorByteLength,
  tensorFromBytes,
} from "../src/index.ts";

/** Tensors of every element type that fills whole bytes, with random bits and small shapes, empty ones too. */
export function anyTensor(types: readonly Dtype[] = dtypes): fc.Arbitrary<Tensor> {
  return fc
    .record({
      dtype: fc.constantFrom(...types),
      shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
    })
    .chain(({ dtype, shape }) => {
      const whole = ["F4", "F6_E2M3", "F6_E3M2"].includes(dtype) ? [...shape, 4] : shape;
      const length = tensorByteLength(dtype, whole);
      return fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((bytes) => tensorFromBytes(dtype, whole, bytes));
    });
}

/** An order of the axes of `tensor`. */
export function anyOrder(tensor: Tensor): fc.Arbitrary<number[]> {
  const axes = [...tensor.shape.keys()];
  return fc.shuffledSubarray(axes, { minLength: axes.length, maxLength: axes.length });
}

/** Numbers 0, 1, 2 … in the given shape. */
export function counting(shape: readonly number[], layout?: Tensor["layout"]): Tensor {
  const data = Float32Array.from({ length: elementCount(shape) }, (_, index) => index);
  return { dtype: "F32", shape, data, ...(layout === undefined ? {} : { layout }) };
}

/** The elements as numbers. */
export function numbersOf(tensor: Pick<Tensor, "data">): number[] {
  return Array.from({ length: tensor.data.length }, (_, index) => Number(tensor.data[index]));
}

/** A tensor of every code of a type of 8 or 16 bits, in order. */
export function everyCode(dtype: Dtype): Tensor {
  const count = 2 ** bitsPerElement(dtype);
  const codes = count === 256 ? new Uint8Array(count) : new Uint16Array(count);
  for (let code = 0; code < count; code++) codes[code] = code;
  return tensorFromBytes(dtype, [count], new Uint8Array(codes.buffer));
}

/** The elements of a type of 8 or 16 bits as unsigned integers. */
export function codesOf({ data }: Pick<Tensor, "data">): number[] {
  return Array.from(
    data.BYTES_PER_ELEMENT === 1 ? new Uint8Array(data.buffer) : new Uint16Array(data.buffer),
  );
}
