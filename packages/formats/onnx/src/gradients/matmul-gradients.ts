// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GraphBuilder } from "../graph-builder.ts";
import { fixedShape, type GraphValue } from "../graph-value.ts";
import { floatAttribute, intAttribute, unsupported } from "../node-attributes.ts";
import type { GradientRule } from "./gradient-rule.ts";
import { sumToShape } from "./sum-to-shape.ts";

/** C = A B: dA = dC Bᵀ, dB = Aᵀ dC, summed over batch axes that were repeated. */
const matMul: GradientRule = ({ graph, gradient, input, wants }) => {
  const [a, b] = [input(0), input(1)];
  return [
    wants(0) ? sumToShape(graph, graph.add("MatMul", [gradient, swapLast(graph, b)]), a) : undefined,
    wants(1) ? sumToShape(graph, graph.add("MatMul", [swapLast(graph, a), gradient]), b) : undefined,
  ];
};

/** Y = A' B' + C with A' = A or Aᵀ and B' = B or Bᵀ. */
const gemm: GradientRule = (context) => {
  const { graph, node, gradient, input, wants } = context;
  if (floatAttribute(node, "alpha", 1) !== 1 || floatAttribute(node, "beta", 1) !== 1) {
    unsupported(node, "has an alpha or beta other than 1");
  }
  const product = (left: GraphValue, right: GraphValue): GraphValue => graph.add("MatMul", [left, right]);
  const flip = (value: GraphValue): GraphValue => swapLast(graph, value);
  const transposedA = intAttribute(node, "transA", 0) === 1;
  const transposedB = intAttribute(node, "transB", 0) === 1;
  const gradients: (GraphValue | undefined)[] = [undefined, undefined];
  if (wants(0)) {
    const plainA = product(gradient, transposedB ? input(1) : flip(input(1)));
    gradients[0] = transposedA ? flip(plainA) : plainA;
  }
  if (wants(1)) {
    const plainB = product(transposedA ? input(0) : flip(input(0)), gradient);
    gradients[1] = transposedB ? flip(plainB) : plainB;
  }
  if (node.inputs.length > 2) gradients.push(wants(2) ? sumToShape(graph, gradient, input(2)) : undefined);
  return gradients;
};

function swapLast(graph: GraphBuilder, value: GraphValue): GraphValue {
  const rank = fixedShape(value).length;
  const order = Array.from({ length: rank }, (_, axis) =>
    axis < rank - 2 ? axis : axis === rank - 2 ? rank - 1 : rank - 2,
  );
  return graph.add("Transpose", [value], { perm: order });
}

/** Gradients of matrix products. */
export const matmulGradients: Readonly<Record<string, GradientRule>> = { Gemm: gemm, MatMul: matMul };
