// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { bitsPerElement } from "./dtype.ts";
import { type Tensor, tensorBytes, tensorFromBytes } from "./tensor.ts";
import { wordsOf } from "./words.ts";

/** Where one slice along an axis comes from, and whether its sign turns over. */
export interface SliceSource {
  readonly from: number;
  readonly negate: boolean;
}

/**
 * Rearranges the slices along one axis and turns signs over, bit for bit: slice `i` of the result is slice
 * `sources[i].from` of `tensor`. Slices beyond `sources` stay where they are.
 *
 * The sign is the top bit of an element, so that a zero and a NaN have theirs turned over as well.
 *
 * @throws RMTC_FORMAT_UNSUPPORTED for elements of 4 or 6 bits.
 */
export function rearrangeSlices(tensor: Tensor, axis: number, sources: readonly SliceSource[]): Tensor {
  const { dtype, shape } = tensor;
  const elementBytes = bitsPerElement(dtype) / 8;
  if (!Number.isInteger(elementBytes)) {
    throw new RmtcError(
      "RMTC_FORMAT_UNSUPPORTED",
      `${dtype} elements are smaller than a byte and stay in order.`,
    );
  }
  const wordBytes = Math.min(elementBytes, 4);
  const perElement = elementBytes / wordBytes;
  const bytes = new Uint8Array(tensorBytes(tensor));
  const source = wordsOf(tensorBytes(tensor), wordBytes);
  const target = wordsOf(bytes, wordBytes);
  const slices = shape[axis] ?? 0;
  const sliceWords = shape.slice(axis + 1).reduce((product, size) => product * size, perElement);
  const sign = 2 ** (wordBytes * 8 - 1);
  for (let start = 0; start < source.length; start += slices * sliceWords) {
    for (const [to, { from, negate }] of sources.entries()) {
      const [at, end] = [start + from * sliceWords, start + (from + 1) * sliceWords];
      const goal = start + to * sliceWords;
      if (from !== to) target.set(source.subarray(at, end), goal);
      if (!negate) continue;
      for (let word = perElement - 1; word < sliceWords; word += perElement) {
        target[goal + word] = (target[goal + word] as number) ^ sign;
      }
    }
  }
  return tensorFromBytes(dtype, shape, bytes, tensor.layout);
}
