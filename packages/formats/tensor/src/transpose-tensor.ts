// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { bitsPerElement, elementCount } from "./dtype.ts";
import { type Tensor, tensorBytes, tensorFromBytes } from "./tensor.ts";
import { transposeMatrix } from "./transpose-matrix.ts";
import { type Words, wordsOf } from "./words.ts";

/**
 * Reorders the axes of a tensor, bit for bit: axis `i` of the result is axis `order[i]` of `tensor`.
 *
 * The result has its own memory and no layout; `permuteAxes` does the same by label and keeps the layout.
 *
 * @throws RMTC_OPTION_INVALID when `order` does not name each axis once.
 * @throws RMTC_FORMAT_UNSUPPORTED for elements of 4 or 6 bits.
 */
export function transposeTensor(tensor: Tensor, order: readonly number[]): Tensor {
  const { dtype, shape } = tensor;
  if (order.length !== shape.length || shape.some((_, axis) => !order.includes(axis))) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `Order [${order}] does not name each of ${shape.length} axes once.`,
    );
  }
  const elementBytes = bitsPerElement(dtype) / 8;
  if (!Number.isInteger(elementBytes)) {
    throw new RmtcError(
      "RMTC_FORMAT_UNSUPPORTED",
      `${dtype} elements are smaller than a byte and stay in order.`,
    );
  }
  // Elements of 8 bytes move as pairs of words, which no conversion of NaNs can touch.
  const wordBytes = Math.min(elementBytes, 4);
  const split = elementBytes === 8;
  const source = wordsOf(tensorBytes(tensor), wordBytes);
  const bytes = new Uint8Array(source.byteLength);
  const target = wordsOf(bytes, wordBytes);
  const merged = mergeAxes(split ? [...shape, 2] : shape, split ? [...order, shape.length] : order);
  if (elementCount(shape) > 0) permuteWords(source, target, merged.sizes, merged.order);
  return tensorFromBytes(
    dtype,
    order.map((axis) => shape[axis] as number),
    bytes,
  );
}

interface MergedAxes {
  readonly sizes: readonly number[];
  readonly order: readonly number[];
}

/** Drops axes of one element and joins neighbours that stay neighbours, so that fewer, longer axes move. */
function mergeAxes(shape: readonly number[], order: readonly number[]): MergedAxes {
  const groups: number[][] = [];
  for (const axis of order) {
    if (shape[axis] === 1) continue;
    const group = groups.at(-1);
    const next = group === undefined ? -1 : nextLongAxis(shape, group.at(-1) as number);
    if (group !== undefined && next === axis) group.push(axis);
    else groups.push([axis]);
  }
  const inSource = [...groups].sort((a, b) => (a[0] as number) - (b[0] as number));
  return {
    sizes: inSource.map((group) => group.reduce((size, axis) => size * (shape[axis] as number), 1)),
    order: groups.map((group) => inSource.indexOf(group)),
  };
}

function nextLongAxis(shape: readonly number[], axis: number): number {
  let next = axis + 1;
  while (shape[next] === 1) next++;
  return next;
}

function permuteWords(
  source: Words,
  target: Words,
  sizes: readonly number[],
  order: readonly number[],
): void {
  if (order.length <= 1) {
    target.set(source);
    return;
  }
  const fixed = order[0] === 0 ? 1 : 0;
  if (order.length - fixed === 2) {
    const batch = fixed === 1 ? (sizes[0] as number) : 1;
    const rows = sizes[fixed] as number;
    const columns = sizes[fixed + 1] as number;
    for (let i = 0; i < batch; i++) transposeMatrix(source, target, i * rows * columns, rows, columns);
    return;
  }
  const strides = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, 1));
  const counts = order.map((axis) => sizes[axis] as number);
  const steps = order.map((axis) => strides[axis] as number);
  const last = order.length - 1;
  const lastCount = counts[last] as number;
  const lastStep = steps[last] as number;
  const position = new Array<number>(last).fill(0);
  let from = 0;
  for (let to = 0; to < target.length; ) {
    for (let i = 0, at = from; i < lastCount; i++, at += lastStep) target[to++] = source[at] as number;
    for (let axis = last - 1; axis >= 0; axis--) {
      const step = steps[axis] as number;
      const count = counts[axis] as number;
      const next = (position[axis] as number) + 1;
      from += step;
      if (next < count) {
        position[axis] = next;
        break;
      }
      position[axis] = 0;
      from -= step * count;
    }
  }
}
