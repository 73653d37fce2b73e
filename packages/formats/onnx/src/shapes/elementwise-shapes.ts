// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { elementTypeFromCode } from "../element-type.ts";
import { intAttribute, unsupported } from "../node-attributes.ts";
import type { OnnxDimension } from "../onnx-model.ts";
import { type InferContext, type InferRule, type InferredType, requireInput } from "./infer-rule.ts";

/** Output like the first input. */
const same: InferRule = (context) => {
  const { elementType, shape } = requireInput(context, 0);
  return [{ elementType, shape }];
};

/** Output of the inputs' common shape and the first input's element type. */
const broadcast: InferRule = (context) => [broadcastFrom(context, 0)];

/** Output of the inputs' common shape, true or false. */
const compare: InferRule = (context) => [{ ...broadcastFrom(context, 0), elementType: "BOOL" }];

/** Output of the inputs' common shape and the element type of the branches. */
const where: InferRule = (context) => [broadcastFrom(context, 1)];

const cast: InferRule = (context) => {
  const code = intAttribute(context.node, "to", 0);
  const elementType = elementTypeFromCode(code);
  if (elementType === undefined) unsupported(context.node, `casts to the unknown element type ${code}`);
  return [{ elementType, shape: requireInput(context, 0).shape }];
};

function broadcastFrom(context: InferContext, typeIndex: number): InferredType {
  const { elementType } = requireInput(context, typeIndex);
  const shape = context.inputs.reduce<readonly OnnxDimension[]>(
    (joined, _, index) => broadcastShapes(context, joined, requireInput(context, index).shape),
    [],
  );
  return { elementType, shape };
}

/** Joins two shapes by numpy's rules, aligned at the last axis. */
export function broadcastShapes(
  context: InferContext,
  left: readonly OnnxDimension[],
  right: readonly OnnxDimension[],
): readonly OnnxDimension[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis): OnnxDimension => {
    const fromLeft = axis - (rank - left.length);
    const fromRight = axis - (rank - right.length);
    if (fromLeft < 0) return right[fromRight];
    if (fromRight < 0) return left[fromLeft];
    const a = left[fromLeft];
    const b = right[fromRight];
    if (a === b || b === 1) return a;
    if (a === 1) return b;
    if (typeof a === "number" && typeof b === "number") {
      unsupported(
        context.node,
        `joins shapes [${left.join(", ")}] and [${right.join(", ")}], which do not fit`,
      );
    }
    return typeof a === "number" ? a : typeof b === "number" ? b : undefined;
  });
}

/** Operators that work element by element. */
export const elementwiseShapes: Readonly<Record<string, InferRule>> = {
  Abs: same,
  Clip: same,
  Elu: same,
  Exp: same,
  HardSigmoid: same,
  Identity: same,
  LeakyRelu: same,
  Log: same,
  Neg: same,
  Not: same,
  Reciprocal: same,
  Relu: same,
  Sigmoid: same,
  Sign: same,
  Softplus: same,
  Sqrt: same,
  Tanh: same,
  Add: broadcast,
  Div: broadcast,
  Max: broadcast,
  Mean: broadcast,
  Min: broadcast,
  Mul: broadcast,
  Pow: broadcast,
  PRelu: broadcast,
  Sub: broadcast,
  Sum: broadcast,
  And: compare,
  Equal: compare,
  Greater: compare,
  GreaterOrEqual: compare,
  Less: compare,
  LessOrEqual: compare,
  Or: compare,
  Where: where,
  Cast: cast,
};
