// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { LossTerm } from "@rmtc/spec";
import type { GraphBuilder } from "../graph-builder.ts";
import { elementCount, fixedShape, type GraphValue } from "../graph-value.ts";

/**
 * Adds the nodes of one loss term: the mean over all elements, a scalar, without the term's weight.
 *
 * - `l1`: |p - t|
 * - `l2`: (p - t)²
 * - `bce`: binary cross-entropy of a sigmoid output p = σ(z), computed from the logits as
 *   log(1 + eᶻ) - z t, which neither overflows nor loses small values.
 *
 * @throws RMTC_LAYOUT_MISMATCH when prediction and target differ in shape.
 * @throws RMTC_GRAPH_UNSUPPORTED when `bce` is asked of an output that no Sigmoid makes.
 */
export function addLoss(
  graph: GraphBuilder,
  loss: LossTerm["loss"],
  prediction: GraphValue,
  target: GraphValue,
): GraphValue {
  const shape = fixedShape(prediction);
  if (String(shape) !== String(fixedShape(target))) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `Output ${JSON.stringify(prediction.name)} has shape [${shape.join(", ")}], its target [${target.shape.join(", ")}].`,
      { subject: prediction.name },
    );
  }
  const sum = graph.add("ReduceSum", [elementLoss(graph, loss, prediction, target)], { keepdims: 0 });
  return graph.add("Mul", [sum, graph.scalar(1 / elementCount(shape), sum)]);
}

function elementLoss(
  graph: GraphBuilder,
  loss: LossTerm["loss"],
  prediction: GraphValue,
  target: GraphValue,
): GraphValue {
  if (loss === "bce") {
    const logits = logitsOf(graph, prediction);
    return graph.add("Sub", [graph.add("Softplus", [logits]), graph.add("Mul", [logits, target])]);
  }
  const difference = graph.add("Sub", [prediction, target]);
  return loss === "l1" ? graph.add("Abs", [difference]) : graph.add("Mul", [difference, difference]);
}

function logitsOf(graph: GraphBuilder, prediction: GraphValue): GraphValue {
  const node = graph.producer(prediction);
  if (node?.opType !== "Sigmoid" || node.domain !== "") {
    throw new RmtcError(
      "RMTC_GRAPH_UNSUPPORTED",
      `The loss bce needs an output that a Sigmoid makes; ${JSON.stringify(prediction.name)} comes from ${node?.opType ?? "an input"}.`,
      { subject: prediction.name },
    );
  }
  return graph.value(node.inputs[0] ?? "");
}
