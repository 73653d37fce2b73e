// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { OnnxElementType } from "./element-type.ts";
import type { OnnxDimension } from "./onnx-model.ts";

/** A tensor that flows through a graph under construction. */
export interface GraphValue {
  readonly name: string;
  readonly elementType: OnnxElementType;
  readonly shape: readonly OnnxDimension[];
}

/**
 * Returns the shape of a value whose every size is known.
 *
 * @throws RMTC_GRAPH_UNSUPPORTED when a size is fixed only when the model runs.
 */
export function fixedShape(value: GraphValue): readonly number[] {
  return value.shape.map((size) => {
    if (typeof size === "number") return size;
    throw new RmtcError(
      "RMTC_GRAPH_UNSUPPORTED",
      `Value ${JSON.stringify(value.name)} has no fixed shape; give the model's inputs fixed sizes.`,
      { subject: value.name },
    );
  });
}

/** Returns how many elements a shape holds; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Resolves an axis that may count from the end. */
export function resolveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
