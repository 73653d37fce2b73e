// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GraphValue } from "../graph-value.ts";
import { floatAttribute, unsupported } from "../node-attributes.ts";
import type { GradientContext, GradientRule } from "./gradient-rule.ts";

/** Makes a rule that multiplies the arriving gradient by a slope. */
function slope(derivative: (context: GradientContext) => GraphValue): GradientRule {
  return (context) => [context.graph.add("Mul", [context.gradient, derivative(context)])];
}

/** 1 where `value` is above `threshold`, else 0. Comparing and casting is twice as fast as `Where` in onnxruntime. */
export function maskAbove(context: GradientContext, value: GraphValue, threshold: GraphValue): GraphValue {
  return cast(context, context.graph.add("Greater", [value, threshold]), value);
}

/** Turns true and false into 1 and 0 of the element type of `like`. */
export function cast(context: GradientContext, mask: GraphValue, like: GraphValue): GraphValue {
  return context.graph.add("Cast", [mask], { to: like.elementType === "F64" ? 11 : 1 });
}

const relu = slope((context) => {
  const y = context.output(0);
  return maskAbove(context, y, context.graph.scalar(0, y));
});

/** Largest finite number of each type, nearly; times it, the smallest normal number is above 1. */
const HUGE = { F32: 3e38, F64: 1e308 } as const;

/**
 * Slope `alpha` at and below zero, 1 above: y times a huge number, kept between the two. Three quick operators, and
 * they take the output, so that onnxruntime can still fuse the activation into the convolution before it.
 */
const leakyRelu = slope((context) => {
  const { graph, node } = context;
  const alpha = floatAttribute(node, "alpha", Math.fround(0.01));
  if (alpha < 0 || alpha > 1) unsupported(node, "has a slope that is not between 0 and 1");
  const y = context.output(0);
  const huge = graph.add("Mul", [y, graph.scalar(y.elementType === "F64" ? HUGE.F64 : HUGE.F32, y)]);
  return graph.add("Clip", [huge, graph.scalar(alpha, y), graph.scalar(1, y)]);
});

/** y (1 - y). */
const sigmoid = slope((context) => {
  const { graph } = context;
  const y = context.output(0);
  return graph.add("Mul", [y, graph.add("Sub", [graph.scalar(1, y), y])]);
});

/** 1 - y². */
const tanh = slope((context) => {
  const { graph } = context;
  const y = context.output(0);
  return graph.add("Sub", [graph.scalar(1, y), graph.add("Mul", [y, y])]);
});

/** d/dx log(1 + eˣ) is the sigmoid. */
const softplus = slope((context) => context.graph.add("Sigmoid", [context.input(0)]));

const exp = slope((context) => context.output(0));

const abs = slope((context) => context.graph.add("Sign", [context.input(0)]));

const log: GradientRule = (context) => [context.graph.add("Div", [context.gradient, context.input(0)])];

/** 1 / (2 √x). */
const sqrt: GradientRule = (context) => {
  const y = context.output(0);
  const doubled = context.graph.add("Add", [y, y]);
  return [context.graph.add("Div", [context.gradient, doubled])];
};

/** -1 / x². */
const reciprocal = slope((context) => {
  const y = context.output(0);
  return context.graph.add("Neg", [context.graph.add("Mul", [y, y])]);
});

const neg: GradientRule = (context) => [context.graph.add("Neg", [context.gradient])];

const identity: GradientRule = (context) => [context.gradient];

/** 1 between the bounds and on them, 0 outside, as PyTorch has it. */
const clip = slope((context) => {
  const { graph, node } = context;
  const x = context.input(0);
  const bound = (index: number, comparison: string): GraphValue | undefined =>
    (node.inputs[index] ?? "") === ""
      ? undefined
      : cast(context, graph.add(comparison, [x, context.input(index)]), x);
  const above = bound(1, "GreaterOrEqual");
  const below = bound(2, "LessOrEqual");
  if (above !== undefined && below !== undefined) return graph.add("Mul", [above, below]);
  return above ?? below ?? graph.scalar(1, x);
});

/** Gradients of operators with one input that work element by element. */
export const unaryGradients: Readonly<Record<string, GradientRule>> = {
  Abs: abs,
  Clip: clip,
  Exp: exp,
  Identity: identity,
  LeakyRelu: leakyRelu,
  Log: log,
  Neg: neg,
  Reciprocal: reciprocal,
  Relu: relu,
  Sigmoid: sigmoid,
  Softplus: softplus,
  Sqrt: sqrt,
  Tanh: tanh,
};
