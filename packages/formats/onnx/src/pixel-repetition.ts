// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { fixedShape, type GraphValue } from "./graph-value.ts";
import { stringAttribute } from "./node-attributes.ts";
import type { OnnxNode } from "./onnx-model.ts";

/**
 * Tells how often a `Resize` repeats each pixel along rows and columns, or `undefined` when it does anything else.
 *
 * @see https://onnx.ai/onnx/operators/onnx__Resize.html for the coordinates
 */
export function pixelRepetition(
  node: OnnxNode,
  from: GraphValue,
  to: GraphValue,
): { readonly rows: number; readonly columns: number } | undefined {
  const small = fixedShape(from);
  const [n, c, rows, columns, ...more] = fixedShape(to).map((size, axis) => size / (small[axis] ?? 1));
  const coordinates = stringAttribute(node, "coordinate_transformation_mode", "half_pixel");
  const rounding = stringAttribute(node, "nearest_mode", "round_prefer_floor");
  const isBlockwise =
    (coordinates === "asymmetric" && rounding === "floor") ||
    (coordinates === "half_pixel" && rounding.startsWith("round"));
  const isWhole = rows !== undefined && columns !== undefined && [rows, columns].every(Number.isInteger);
  const isNearest = stringAttribute(node, "mode", "nearest") === "nearest";
  if (!isNearest || !isBlockwise || n !== 1 || c !== 1 || !isWhole || more.length > 0) return undefined;
  return { rows, columns };
}
