// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { elementCount, fixedShape, type GraphValue } from "../graph-value.ts";
import { axesFromNode } from "../reduction-axes.ts";
import type { GradientContext, GradientRule } from "./gradient-rule.ts";

/** Spreads the gradient of a sum over the elements that were summed. */
function spread(context: GradientContext, scaled: GraphValue, axes: readonly number[]): GraphValue {
  const { graph } = context;
  const shape = fixedShape(context.input(0));
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const reshaped = graph.add("Reshape", [scaled, graph.integers(kept)]);
  return graph.add("Expand", [reshaped, graph.integers(shape)]);
}

function reducedAxes(context: GradientContext): readonly number[] {
  const shape = fixedShape(context.input(0));
  return axesFromNode(context.node, shape.length, context.numbers(1)) ?? shape.map((_, axis) => axis);
}

const reduceSum: GradientRule = (context) => [spread(context, context.gradient, reducedAxes(context))];

const reduceMean: GradientRule = (context) => {
  const axes = reducedAxes(context);
  const shape = fixedShape(context.input(0));
  const count = elementCount(shape.filter((_, axis) => axes.includes(axis)));
  const { graph, gradient } = context;
  return [spread(context, graph.add("Mul", [gradient, graph.scalar(1 / count, gradient)]), axes)];
};

/** Gradients of operators that fold axes into one value. */
export const reductionGradients: Readonly<Record<string, GradientRule>> = {
  ReduceMean: reduceMean,
  ReduceSum: reduceSum,
};
