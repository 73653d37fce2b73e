// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GraphValue } from "../graph-value.ts";
import { unsupported } from "../node-attributes.ts";
import type { GradientContext, GradientRule } from "./gradient-rule.ts";
import { sumToShape } from "./sum-to-shape.ts";
import { cast } from "./unary-gradients.ts";

/** Makes a rule of two factors, each derived only if wanted and summed to its input's shape. */
function binary(
  left: (context: GradientContext) => GraphValue,
  right: (context: GradientContext) => GraphValue,
): GradientRule {
  return (context) =>
    [left, right].map((derive, index) =>
      context.wants(index) ? sumToShape(context.graph, derive(context), context.input(index)) : undefined,
    );
}

const add = binary(
  ({ gradient }) => gradient,
  ({ gradient }) => gradient,
);

const subtract = binary(
  ({ gradient }) => gradient,
  ({ graph, gradient }) => graph.add("Neg", [gradient]),
);

const multiply = binary(
  (context) => context.graph.add("Mul", [context.gradient, context.input(1)]),
  (context) => context.graph.add("Mul", [context.gradient, context.input(0)]),
);

/** d(a/b)/da = 1/b, d(a/b)/db = -(a/b)/b. */
const divide = binary(
  (context) => context.graph.add("Div", [context.gradient, context.input(1)]),
  (context) => {
    const { graph } = context;
    const scaled = graph.add("Div", [
      graph.add("Mul", [context.gradient, context.output(0)]),
      context.input(1),
    ]);
    return graph.add("Neg", [scaled]);
  },
);

/** d(aᵇ)/da = b aᵇ⁻¹, d(aᵇ)/db = aᵇ ln a. */
const power = binary(
  (context) => {
    const { graph } = context;
    const [base, exponent] = [context.input(0), context.input(1)];
    const lower = graph.add("Sub", [exponent, graph.scalar(1, exponent)]);
    const slope = graph.add("Mul", [exponent, graph.add("Pow", [base, lower])]);
    return graph.add("Mul", [context.gradient, slope]);
  },
  (context) => {
    const { graph } = context;
    const slope = graph.add("Mul", [context.output(0), graph.add("Log", [context.input(0)])]);
    return graph.add("Mul", [context.gradient, slope]);
  },
);

const sum: GradientRule = ({ graph, node, gradient, input, wants }) =>
  node.inputs.map((_, index) => (wants(index) ? sumToShape(graph, gradient, input(index)) : undefined));

/** Gives the gradient to the larger (or smaller) of two inputs; on a tie to the first. */
function choose(comparison: string): GradientRule {
  return (context) => {
    const { graph, gradient, node } = context;
    if (node.inputs.length !== 2) unsupported(node, "has a gradient for two inputs only");
    const mask = graph.add(comparison, [context.input(0), context.input(1)]);
    return [mask, graph.add("Not", [mask])].map((chosen, index) =>
      context.wants(index)
        ? sumToShape(
            graph,
            graph.add("Mul", [gradient, cast(context, chosen, gradient)]),
            context.input(index),
          )
        : undefined,
    );
  };
}

const where: GradientRule = ({ graph, gradient, input, wants }) => {
  const zero = graph.scalar(0, gradient);
  const pick = (index: 1 | 2): GraphValue | undefined => {
    if (!wants(index)) return undefined;
    const branches = index === 1 ? [input(0), gradient, zero] : [input(0), zero, gradient];
    return sumToShape(graph, graph.add("Where", branches), input(index));
  };
  return [undefined, pick(1), pick(2)];
};

/** Gradients of operators that join tensors element by element, broadcasting them. */
export const arithmeticGradients: Readonly<Record<string, GradientRule>> = {
  Add: add,
  Div: divide,
  Max: choose("GreaterOrEqual"),
  Min: choose("LessOrEqual"),
  Mul: multiply,
  Pow: power,
  Sub: subtract,
  Sum: sum,
  Where: where,
};
