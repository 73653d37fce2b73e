// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GraphBuilder } from "../graph-builder.ts";
import type { GraphValue } from "../graph-value.ts";
import type { OnnxNode } from "../onnx-model.ts";

/** What a gradient rule works with: one node of the forward graph and what arrived at its outputs. */
export interface GradientContext {
  /** The graph that holds the node and takes the new ones. */
  readonly graph: GraphBuilder;
  readonly node: OnnxNode;
  /** Gradient at output 0. */
  readonly gradient: GraphValue;
  /** Gradients at all outputs; `undefined` where nothing depends on one. */
  readonly gradients: readonly (GraphValue | undefined)[];
  /** Returns input `index`. @throws RMTC_GRAPH_UNSUPPORTED when the node leaves it out. */
  input(index: number): GraphValue;
  output(index: number): GraphValue;
  /** Tells whether anybody needs the gradient of input `index`. */
  wants(index: number): boolean;
  /** Elements of the constant at input `index`, or `undefined` when it is absent or no constant. */
  numbers(index: number): readonly number[] | undefined;
}

/**
 * Derives the gradients of a node's inputs from those of its outputs, by the chain rule.
 *
 * The result has one entry per input; one that nobody wants, or that has no gradient, may be `undefined`.
 */
export type GradientRule = (context: GradientContext) => readonly (GraphValue | undefined)[];
