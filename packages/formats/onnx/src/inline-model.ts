// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { GraphBuilder } from "./graph-builder.ts";
import type { GraphValue } from "./graph-value.ts";
import { unsupported } from "./node-attributes.ts";
import type { OnnxModel, OnnxNode } from "./onnx-model.ts";

/** Adds other nodes in the place of one with one output, and returns their result; `undefined` leaves it as it is. */
export type NodeRewrite = (
  graph: GraphBuilder,
  node: OnnxNode,
  inputs: readonly (GraphValue | undefined)[],
) => GraphValue | undefined;

/**
 * Adds the nodes of a model to a graph, with given values in the place of its inputs and weights.
 *
 * @param bindings Values by the name of the model's input or initializer that each stands for. Every input must
 *   have one; initializers without one are copied as constants.
 * @param rewrite Is asked of every node what to add in its place.
 * @returns The model's values by their names in it: outputs, and everything between.
 * @throws RMTC_GRAPH_UNSUPPORTED when an operator is unknown here, or the model needs another operator set.
 * @throws RMTC_OPTION_INVALID when an input has no binding.
 */
export function inlineModel(
  graph: GraphBuilder,
  model: OnnxModel,
  bindings: ReadonlyMap<string, GraphValue>,
  rewrite: NodeRewrite = () => undefined,
): ReadonlyMap<string, GraphValue> {
  const opset = onnxOpset(model);
  if (opset !== graph.opset) {
    throw new RmtcError(
      "RMTC_GRAPH_UNSUPPORTED",
      `A model of operator set ${opset} cannot join a graph of operator set ${graph.opset}; export it for that one.`,
    );
  }
  const values = new Map<string, GraphValue>();
  for (const tensor of model.graph.initializers) {
    const bound = bindings.get(tensor.name);
    values.set(tensor.name, bound ?? graph.initializer({ ...tensor, name: graph.uniqueName(tensor.name) }));
  }
  for (const { name } of model.graph.inputs) {
    const bound = bindings.get(name);
    if (bound !== undefined) values.set(name, bound);
    else if (!values.has(name)) {
      throw new RmtcError("RMTC_OPTION_INVALID", `The model's input ${JSON.stringify(name)} has no value.`);
    }
  }
  for (const node of model.graph.nodes) {
    if (node.domain === "" && node.opType === "Constant") {
      const value = node.attributes.get("value");
      if (value?.type !== "TENSOR") return unsupported(node, "holds a constant that is no tensor");
      const [output = ""] = node.outputs;
      values.set(output, graph.initializer({ ...value.value, name: graph.uniqueName(output) }));
      continue;
    }
    const inputs = node.inputs.map((name) =>
      name === "" ? undefined : (values.get(name) ?? graph.value(name)),
    );
    const [only] = inputs;
    if (node.domain === "" && node.opType === "Identity" && only !== undefined) {
      values.set(node.outputs[0] ?? "", only);
      continue;
    }
    const rewritten = rewrite(graph, node, inputs);
    if (rewritten !== undefined) {
      values.set(node.outputs[0] ?? "", rewritten);
      continue;
    }
    const outputs = graph.addAll(node.opType, inputs, Object.fromEntries(node.attributes), {
      name: node.name === "" ? node.opType : node.name,
      domain: node.domain,
      outputs: node.outputs.length,
    });
    for (const [index, name] of node.outputs.entries()) {
      const output = outputs[index];
      if (output !== undefined) values.set(name, output);
    }
  }
  return values;
}

/** Returns the version of ONNX's own operator set that a model uses. */
export function onnxOpset(model: OnnxModel): number {
  return model.opsetImports.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 0;
}
