// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolveAxis } from "./graph-value.ts";
import { unsupported } from "./node-attributes.ts";
import type { OnnxDimension, OnnxNode } from "./onnx-model.ts";

/** What a `Slice` takes of one axis: elements `start`, `start + step`, …, `count` in all. */
export interface SliceRange {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/**
 * Resolves the ranges of a `Slice` by axis; axes that it leaves whole are absent.
 *
 * Starts and ends may count from the end and are clamped, as the operator has it.
 *
 * @throws RMTC_GRAPH_UNSUPPORTED when it cuts an axis whose size is not known.
 * @see https://onnx.ai/onnx/operators/onnx__Slice.html
 */
export function sliceFromNumbers(
  node: OnnxNode,
  shape: readonly OnnxDimension[],
  numbers: {
    readonly starts: readonly number[];
    readonly ends: readonly number[];
    readonly axes: readonly number[] | undefined;
    readonly steps: readonly number[] | undefined;
  },
): ReadonlyMap<number, SliceRange> {
  const ranges = new Map<number, SliceRange>();
  for (const [index, rawStart] of numbers.starts.entries()) {
    const axis = resolveAxis(numbers.axes?.[index] ?? index, shape.length);
    const size = shape[axis];
    const step = numbers.steps?.[index] ?? 1;
    const rawEnd = numbers.ends[index];
    if (typeof size !== "number" || rawEnd === undefined || step === 0) {
      return unsupported(node, `cuts axis ${axis}, whose size or range is not known`);
    }
    const low = step > 0 ? 0 : -1;
    const high = step > 0 ? size : size - 1;
    const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, low), high);
    const start = step > 0 ? clamp(rawStart) : Math.max(clamp(rawStart), 0);
    const count = Math.max(0, Math.ceil((clamp(rawEnd) - start) / step));
    ranges.set(axis, { start, step, count });
  }
  return ranges;
}
