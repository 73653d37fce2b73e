// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolveAxis } from "./graph-value.ts";
import { intsAttribute } from "./node-attributes.ts";
import type { OnnxNode } from "./onnx-model.ts";

/**
 * Returns the axes that a reduction, `Squeeze` or `Unsqueeze` names, counted from the front and in rising order.
 *
 * They stand in an attribute or, in newer operator sets, in a constant input. `undefined` means none are named.
 */
export function axesFromNode(
  node: OnnxNode,
  rank: number,
  input: readonly number[] | undefined,
): readonly number[] | undefined {
  const axes = intsAttribute(node, "axes") ?? input;
  return axes?.map((axis) => resolveAxis(axis, rank)).sort((left, right) => left - right);
}
