// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { unsupported } from "../node-attributes.ts";
import { elementwiseShapes } from "./elementwise-shapes.ts";
import type { InferContext, InferRule, InferredType } from "./infer-rule.ts";
import { matmulShapes } from "./matmul-shapes.ts";
import { movementShapes } from "./movement-shapes.ts";
import { reductionShapes } from "./reduction-shapes.ts";
import { windowShapes } from "./window-shapes.ts";

const RULES: ReadonlyMap<string, InferRule> = new Map(
  [elementwiseShapes, matmulShapes, movementShapes, reductionShapes, windowShapes].flatMap(Object.entries),
);

/** Lists the operators whose shapes are known, in alphabetical order; other domains come with their prefix. */
export function knownOperators(): readonly string[] {
  return [...RULES.keys()].sort();
}

/**
 * Tells element type and shape of a node's outputs.
 *
 * @throws RMTC_GRAPH_UNSUPPORTED when the operator is unknown here or its inputs do not fit; the message names the node.
 */
export function inferOutputs(context: InferContext): readonly InferredType[] {
  const { node } = context;
  const rule = RULES.get(node.domain === "" ? node.opType : `${node.domain}.${node.opType}`);
  if (rule === undefined) return unsupported(node, "uses an operator that is not supported here");
  const outputs = rule(context);
  if (outputs.length < node.outputs.length) unsupported(node, "has more outputs than its operator gives");
  return outputs;
}
