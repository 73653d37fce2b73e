// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { numbersFromTensor } from "../constant-tensor.ts";
import type { GraphBuilder } from "../graph-builder.ts";
import { elementCount, fixedShape, type GraphValue } from "../graph-value.ts";
import { unsupported } from "../node-attributes.ts";
import type { OnnxNode } from "../onnx-model.ts";
import { arithmeticGradients } from "./arithmetic-gradients.ts";
import { convGradients } from "./conv-gradients.ts";
import type { GradientRule } from "./gradient-rule.ts";
import { matmulGradients } from "./matmul-gradients.ts";
import { movementGradients } from "./movement-gradients.ts";
import { poolGradients } from "./pool-gradients.ts";
import { reductionGradients } from "./reduction-gradients.ts";
import { unaryGradients } from "./unary-gradients.ts";

const RULES: ReadonlyMap<string, GradientRule> = new Map(
  [
    arithmeticGradients,
    convGradients,
    matmulGradients,
    movementGradients,
    poolGradients,
    reductionGradients,
    unaryGradients,
  ].flatMap(Object.entries),
);

/** Lists the operators that have a gradient rule, in alphabetical order. */
export function differentiableOperators(): readonly string[] {
  return [...RULES.keys()].sort();
}

/**
 * Adds to a graph the nodes that compute the gradients of one number with respect to some of its values.
 *
 * Reverse mode: the rules of the nodes on a path from `wanted` to `loss` are applied from the last to the first,
 * and gradients that meet at a value are added up. A value on no such path gets zeros.
 *
 * @param loss A value with exactly one element.
 * @returns One gradient per entry of `wanted`, each of that value's shape.
 * @throws RMTC_GRAPH_UNSUPPORTED when an operator on the path has no rule, or a shape is not fixed; the message
 *   names the node or value.
 */
export function differentiate(
  graph: GraphBuilder,
  loss: GraphValue,
  wanted: readonly GraphValue[],
): readonly GraphValue[] {
  if (elementCount(fixedShape(loss)) !== 1) {
    throw new RmtcError(
      "RMTC_GRAPH_UNSUPPORTED",
      `The loss ${JSON.stringify(loss.name)} has shape [${loss.shape.join(", ")}]; it must be one number.`,
      { subject: loss.name },
    );
  }
  const nodes = [...graph.nodes];
  const dependent = dependentValues(nodes, wanted);
  const gradients = new Map<string, GraphValue>([
    [loss.name, graph.constant(loss.elementType, [1], fixedShape(loss))],
  ]);
  for (const node of nodes.reverse()) {
    if (!node.outputs.some((name) => gradients.has(name)) || !node.inputs.some((name) => dependent.has(name)))
      continue;
    applyRule(graph, node, dependent, gradients);
  }
  return wanted.map((value) => gradients.get(value.name) ?? zerosLike(graph, value));
}

/** Collects the values that change when one of `wanted` does. */
function dependentValues(nodes: readonly OnnxNode[], wanted: readonly GraphValue[]): ReadonlySet<string> {
  const dependent = new Set(wanted.map((value) => value.name));
  for (const node of nodes) {
    if (node.inputs.some((name) => dependent.has(name))) for (const name of node.outputs) dependent.add(name);
  }
  return dependent;
}

function applyRule(
  graph: GraphBuilder,
  node: OnnxNode,
  dependent: ReadonlySet<string>,
  gradients: Map<string, GraphValue>,
): void {
  const rule =
    (node.domain === "" ? RULES.get(node.opType) : undefined) ?? unsupported(node, "has no gradient");
  const arriving = node.outputs.map((name) => gradients.get(name));
  const results = rule({
    graph,
    node,
    gradients: arriving,
    get gradient() {
      return arriving[0] ?? unsupported(node, "has a gradient for its first output only");
    },
    input: (index) => graph.value(node.inputs[index] || unsupported(node, `needs input ${index}`)),
    output: (index) => graph.value(node.outputs[index] ?? ""),
    wants: (index) => dependent.has(node.inputs[index] ?? ""),
    numbers: (index) => {
      const name = node.inputs[index] ?? "";
      const tensor = name === "" ? undefined : graph.tensor(graph.value(name));
      return tensor === undefined ? undefined : numbersFromTensor(tensor);
    },
  });
  for (const [index, result] of results.entries()) {
    const name = node.inputs[index] ?? "";
    if (result === undefined || !dependent.has(name)) continue;
    const known = gradients.get(name);
    gradients.set(name, known === undefined ? result : graph.add("Add", [known, result]));
  }
}

function zerosLike(graph: GraphBuilder, value: GraphValue): GraphValue {
  return graph.add("Expand", [graph.scalar(0, value), graph.integers(fixedShape(value))]);
}
