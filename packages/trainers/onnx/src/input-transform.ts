// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GraphBuilder, GraphValue } from "@rmtc/onnx";

/** Names of the maps that bring linear light into a range that convolutions learn well from. */
export const inputTransforms = ["none", "log", "sqrt"] as const;

/** One of {@link inputTransforms}. */
export type InputTransform = (typeof inputTransforms)[number];

/** Scale of `log`: values far below 1 / 64 stay linear, values above grow with the logarithm. */
const LOG_SCALE = 64;

/**
 * Adds the nodes of an input transform. Negative light counts as none.
 *
 * - `none`: x
 * - `log`: ln(1 + 64 x) / ln(65), which takes 0 to 0 and 1 to 1
 * - `sqrt`: √x
 */
export function applyInputTransform(
  graph: GraphBuilder,
  transform: InputTransform,
  input: GraphValue,
): GraphValue {
  if (transform === "none") return input;
  const light = graph.add("Relu", [input], {}, { name: "input.light" });
  if (transform === "sqrt") return graph.add("Sqrt", [light], {}, { name: "input.sqrt" });
  const scaled = graph.add("Add", [
    graph.add("Mul", [light, graph.scalar(LOG_SCALE, light)]),
    graph.scalar(1, light),
  ]);
  const factor = graph.scalar(1 / Math.log(LOG_SCALE + 1), light);
  return graph.add("Mul", [graph.add("Log", [scaled]), factor], {}, { name: "input.log" });
}
