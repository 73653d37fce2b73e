// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GraphBuilder } from "../graph-builder.ts";
import { fixedShape, type GraphValue } from "../graph-value.ts";

/** Undoes broadcasting: sums `gradient` over the axes along which `input` was repeated. */
export function sumToShape(graph: GraphBuilder, gradient: GraphValue, input: GraphValue): GraphValue {
  const from = fixedShape(gradient);
  const to = fixedShape(input);
  const extra = from.length - to.length;
  const axes = from.flatMap((size, axis) =>
    axis < extra || (to[axis - extra] === 1 && size !== 1) ? [axis] : [],
  );
  if (axes.length === 0) return gradient;
  const sum = graph.add("ReduceSum", [gradient, graph.integers(axes)], { keepdims: 1 });
  return extra === 0 ? sum : graph.add("Reshape", [sum, graph.integers(to)]);
}
