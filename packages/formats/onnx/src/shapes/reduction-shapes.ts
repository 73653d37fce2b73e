// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { intAttribute, unsupported } from "../node-attributes.ts";
import { axesFromNode } from "../reduction-axes.ts";
import { type InferRule, requireInput } from "./infer-rule.ts";

const reduce: InferRule = (context) => {
  const { node } = context;
  const x = requireInput(context, 0);
  if (context.inputs[1] !== undefined && context.numbers(1) === undefined) {
    unsupported(node, "reduces over axes that are no constant");
  }
  const axes = axesFromNode(node, x.shape.length, context.numbers(1)) ?? x.shape.map((_, axis) => axis);
  const keep = intAttribute(node, "keepdims", 1) === 1;
  const shape = keep
    ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  return [{ elementType: x.elementType, shape }];
};

/** Operators that fold axes into one value. */
export const reductionShapes: Readonly<Record<string, InferRule>> = {
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceMin: reduce,
  ReduceSum: reduce,
};
