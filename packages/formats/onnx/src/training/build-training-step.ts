// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { LossTerm } from "@rmtc/spec";
import { differentiate } from "../gradients/differentiate.ts";
import { GraphBuilder } from "../graph-builder.ts";
import type { GraphValue } from "../graph-value.ts";
import { inlineModel, onnxOpset } from "../inline-model.ts";
import type { OnnxModel } from "../onnx-model.ts";
import { type AdamOptions, addAdam } from "./adam.ts";
import { addLoss } from "./add-loss.ts";
import { layOutParameters, type ParameterSlot, parameterCount } from "./parameter-layout.ts";
import { addUpsampledConvolution } from "./upsampled-convolution.ts";

/** What a training step is made from. */
export interface TrainingStepOptions {
  /** The network, without losses. */
  readonly forward: OnnxModel;
  /** Names of the initializers that are learnt, in the order of the parameter vector. */
  readonly parameters: readonly string[];
  /** Shape of each network input, batch included. */
  readonly inputShapes: Readonly<Record<string, readonly number[]>>;
  /** Shape of each target. */
  readonly targetShapes: Readonly<Record<string, readonly number[]>>;
  /** Terms whose weighted sum is minimised. */
  readonly losses: readonly LossTerm[];
  readonly adam?: AdamOptions | undefined;
}

/**
 * A training step as one graph that onnxruntime runs.
 *
 * Inputs: the network's own inputs; one `target.<name>` per target; `parameters`, `firstMoment` and `secondMoment`, vectors as
 * `layout` has it; the scalars `stepSize` and `secondScale` of `adamScalars`. Outputs: `loss`, the weighted sum; one
 * `loss.<name>` per term, unweighted; `nextParameters`, `nextFirstMoment` and `nextSecondMoment`.
 */
export interface TrainingStep {
  readonly model: OnnxModel;
  readonly layout: readonly ParameterSlot[];
}

/**
 * Builds forward pass, losses, backward pass and Adam as one ONNX graph.
 *
 * The graph uses `com.microsoft.FusedMatMul` beside ONNX's own operators, and fixed shapes.
 *
 * @throws RMTC_GRAPH_UNSUPPORTED when the network uses an operator that has no gradient; the message names the node.
 * @throws RMTC_LAYOUT_MISMATCH when an output and its target differ in shape.
 */
export function buildTrainingStep(options: TrainingStepOptions): TrainingStep {
  const graph = new GraphBuilder({ opset: onnxOpset(options.forward) });
  const layout = layOutParameters(options.forward, options.parameters);
  const size = parameterCount(layout);
  const vector = (name: string): GraphValue => graph.input(name, "F32", [size]);
  const state = {
    parameters: vector("parameters"),
    firstMoment: vector("firstMoment"),
    secondMoment: vector("secondMoment"),
  };
  const scalars = {
    stepSize: graph.input("stepSize", "F32", []),
    secondScale: graph.input("secondScale", "F32", []),
  };
  const parameters = splitParameters(graph, state.parameters, layout);
  const terms = addLossTerms(graph, options, parameters);
  const loss = sumOfTerms(graph, terms);
  const gradients = differentiate(graph, loss, [...parameters.values()]);
  const next = addAdam(graph, state, joinVectors(graph, gradients), scalars, options.adam);
  graph.output(loss, "loss");
  for (const { name, value } of terms) graph.output(value, `loss.${name}`);
  graph.output(next.parameters, "nextParameters");
  graph.output(next.firstMoment, "nextFirstMoment");
  graph.output(next.secondMoment, "nextSecondMoment");
  return { model: graph.finish(), layout };
}

/**
 * Builds forward pass and losses alone, to measure a network without teaching it.
 *
 * Inputs: the network's own, one `target.<name>` per target, and `parameters`. Outputs: `loss` and `loss.<name>`, as in a
 * {@link TrainingStep}, and the network's own.
 */
export function buildEvaluation(options: Omit<TrainingStepOptions, "adam">): TrainingStep {
  const graph = new GraphBuilder({ opset: onnxOpset(options.forward) });
  const layout = layOutParameters(options.forward, options.parameters);
  const vector = graph.input("parameters", "F32", [parameterCount(layout)]);
  const terms = addLossTerms(graph, options, splitParameters(graph, vector, layout));
  graph.output(sumOfTerms(graph, terms), "loss");
  for (const { name, value } of terms) graph.output(value, `loss.${name}`);
  return { model: graph.finish(), layout };
}

interface AddedTerm {
  readonly name: string;
  readonly weight: number;
  readonly value: GraphValue;
}

function addLossTerms(
  graph: GraphBuilder,
  options: Omit<TrainingStepOptions, "adam">,
  parameters: ReadonlyMap<string, GraphValue>,
): readonly AddedTerm[] {
  const bindings = new Map<string, GraphValue>(parameters);
  for (const [name, shape] of Object.entries(options.inputShapes))
    bindings.set(name, graph.input(name, "F32", shape));
  const targets = new Map(
    Object.entries(options.targetShapes).map(([name, shape]) => [
      name,
      graph.input(`target.${name}`, "F32", shape),
    ]),
  );
  const values = inlineModel(graph, options.forward, bindings, addUpsampledConvolution);
  const outputs = new Set(options.forward.graph.outputs.map((output) => output.name));
  return options.losses.map((term) => {
    const prediction = outputs.has(term.output) ? values.get(term.output) : undefined;
    const target = targets.get(term.target);
    if (prediction === undefined || target === undefined) {
      const missing = prediction === undefined ? `network output ${term.output}` : `target ${term.target}`;
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `The loss ${term.name} names the ${missing}, which does not exist.`,
      );
    }
    return { name: term.name, weight: term.weight, value: addLoss(graph, term.loss, prediction, target) };
  });
}

function sumOfTerms(graph: GraphBuilder, terms: readonly AddedTerm[]): GraphValue {
  const weighted = terms.map(({ weight, value }) =>
    weight === 1 ? value : graph.add("Mul", [value, graph.scalar(weight, value)]),
  );
  const [first, ...rest] = weighted;
  if (first === undefined)
    throw new RmtcError("RMTC_OPTION_INVALID", "A training needs at least one loss term.");
  return rest.reduce((sum, value) => graph.add("Add", [sum, value]), first);
}

/** Cuts the vector of all parameters into tensors, by name. */
function splitParameters(
  graph: GraphBuilder,
  vector: GraphValue,
  layout: readonly ParameterSlot[],
): ReadonlyMap<string, GraphValue> {
  const sizes = graph.integers(layout.map((slot) => slot.count));
  const parts = graph.addAll("Split", [vector, sizes], { axis: 0 }, { outputs: layout.length });
  return new Map(
    layout.map((slot, index) => [
      slot.name,
      graph.add("Reshape", [parts[index], graph.integers(slot.shape)]),
    ]),
  );
}

function joinVectors(graph: GraphBuilder, tensors: readonly GraphValue[]): GraphValue {
  const flat = tensors.map((tensor) => graph.add("Reshape", [tensor, graph.integers([-1])]));
  return graph.add("Concat", flat, { axis: 0 });
}
