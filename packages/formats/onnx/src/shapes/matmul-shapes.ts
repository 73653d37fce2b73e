// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { intAttribute, unsupported } from "../node-attributes.ts";
import type { OnnxDimension } from "../onnx-model.ts";
import { broadcastShapes } from "./elementwise-shapes.ts";
import {
  type InferContext,
  type InferRule,
  type InferredType,
  requireInput,
  requireRank,
} from "./infer-rule.ts";

const matMul: InferRule = (context) => [product(context, false, false)];

const fusedMatMul: InferRule = (context) => [
  product(
    context,
    intAttribute(context.node, "transA", 0) === 1,
    intAttribute(context.node, "transB", 0) === 1,
  ),
];

const gemm: InferRule = (context) => {
  requireRank(context, 0, 2);
  requireRank(context, 1, 2);
  return fusedMatMul(context);
};

function product(context: InferContext, transposeA: boolean, transposeB: boolean): InferredType {
  const a = requireInput(context, 0);
  const b = requireInput(context, 1);
  if (a.shape.length < 2 || b.shape.length < 2)
    unsupported(context.node, "multiplies vectors; make them matrices");
  const [rows, innerA] = lastTwo(a.shape, transposeA);
  const [innerB, columns] = lastTwo(b.shape, transposeB);
  if (typeof innerA === "number" && typeof innerB === "number" && innerA !== innerB) {
    unsupported(context.node, `multiplies shapes [${a.shape.join(", ")}] and [${b.shape.join(", ")}]`);
  }
  const batch = broadcastShapes(context, a.shape.slice(0, -2), b.shape.slice(0, -2));
  return { elementType: a.elementType, shape: [...batch, rows, columns] };
}

function lastTwo(
  shape: readonly OnnxDimension[],
  transposed: boolean,
): readonly [OnnxDimension, OnnxDimension] {
  const rows = shape[shape.length - 2];
  const columns = shape[shape.length - 1];
  return transposed ? [columns, rows] : [rows, columns];
}

/** Matrix products. */
export const matmulShapes: Readonly<Record<string, InferRule>> = {
  MatMul: matMul,
  Gemm: gemm,
  "com.microsoft.FusedMatMul": fusedMatMul,
};
