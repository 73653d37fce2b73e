// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { OnnxElementType } from "../element-type.ts";
import type { GraphValue } from "../graph-value.ts";
import { unsupported } from "../node-attributes.ts";
import type { OnnxDimension, OnnxNode } from "../onnx-model.ts";

/** Element type and shape of one output. */
export interface InferredType {
  readonly elementType: OnnxElementType;
  readonly shape: readonly OnnxDimension[];
}

/** What a rule knows of a node. */
export interface InferContext {
  readonly node: OnnxNode;
  /** Inputs in order; `undefined` for one that is left out. */
  readonly inputs: readonly (GraphValue | undefined)[];
  /** Elements of the constant at input `index`, or `undefined` when it is absent or no constant. */
  numbers(index: number): readonly number[] | undefined;
}

/** Tells the types of a node's outputs from its inputs. */
export type InferRule = (context: InferContext) => readonly InferredType[];

/** Returns the input at `index`. @throws RMTC_GRAPH_UNSUPPORTED when the node leaves it out. */
export function requireInput(context: InferContext, index: number): GraphValue {
  return context.inputs[index] ?? unsupported(context.node, `needs input ${index}`);
}

/** Returns the constant at `index`. @throws RMTC_GRAPH_UNSUPPORTED when the input is no constant. */
export function requireNumbers(context: InferContext, index: number): readonly number[] {
  return context.numbers(index) ?? unsupported(context.node, `needs a constant as input ${index}`);
}

/** Returns the input at `index` if it has `rank` axes. @throws RMTC_GRAPH_UNSUPPORTED when it has not. */
export function requireRank(context: InferContext, index: number, rank: number): GraphValue {
  const value = requireInput(context, index);
  if (value.shape.length !== rank) {
    unsupported(context.node, `takes ${rank} axes as input ${index}, not [${value.shape.join(", ")}]`);
  }
  return value;
}
