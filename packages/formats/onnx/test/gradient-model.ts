// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  differentiate,
  GraphBuilder,
  type GraphValue,
  type OnnxElementType,
  type OnnxModel,
} from "../src/index.ts";
import { loadModel, type Numbers } from "./run-model.ts";

/** How far a gradient may be from its finite difference, absolute below 1 and relative above. */
const TOLERANCE = 2e-3;

/** An expression under test: named inputs, and a function that adds its nodes. */
export interface Expression {
  readonly inputs: Readonly<Record<string, Numbers>>;
  /** Inputs whose gradient is checked. Default: all. */
  readonly wanted?: readonly string[];
  readonly elementType?: OnnxElementType;
  /** Step of the finite difference. Default 1e-2. */
  readonly step?: number;
  readonly build: (graph: GraphBuilder, inputs: Readonly<Record<string, GraphValue>>) => GraphValue;
}

/** Points between which the gradient is averaged where a kink lies near. */
const SAMPLES = 100;

/** One element whose gradient differs from its finite difference. */
export interface GradientFault {
  readonly input: string;
  readonly index: number;
  readonly derived: number;
  readonly difference: number;
}

/**
 * Checks every element of every gradient of an expression, summed with weights drawn from its output's index,
 * against the central difference. Where a kink lies within the step, the two differ rightly; then the
 * difference must be the mean of the gradients along the step, by the fundamental theorem of calculus.
 */
export async function gradientFaults(expression: Expression): Promise<readonly GradientFault[]> {
  const { forward, backward, wanted } = buildBoth(expression);
  const feeds = typed(expression);
  const [forwardModel, backwardModel] = [await loadModel(forward), await loadModel(backward)];
  const shifted = (input: string, index: number, change: number): Record<string, Numbers> => {
    const numbers = feeds[input] as Numbers;
    const values = numbers.values.with(index, (numbers.values[index] ?? 0) + change);
    return { ...feeds, [input]: { ...numbers, values } };
  };
  const loss = async (input: string, index: number, change: number): Promise<number> => {
    const [output] = (await forwardModel.run(shifted(input, index, change))).values();
    return output?.values.reduce((sum, value, at) => sum + value * projection(at), 0) ?? Number.NaN;
  };
  const gradient = async (input: string, index: number, change: number): Promise<number> =>
    (await backwardModel.run(shifted(input, index, change))).get(`gradient.${input}`)?.values[index] ??
    Number.NaN;
  const step = expression.step ?? 1e-2;
  const faults: GradientFault[] = [];
  const gradients = await backwardModel.run(feeds);
  for (const input of wanted) {
    const values = gradients.get(`gradient.${input}`)?.values ?? [];
    if (values.length === 0) throw new Error(`No gradient came back for ${input}.`);
    for (const [index, derived] of values.entries()) {
      const difference = ((await loss(input, index, step)) - (await loss(input, index, -step))) / (2 * step);
      if (Math.abs(difference - derived) <= TOLERANCE * Math.max(1, Math.abs(derived))) continue;
      const along: number[] = [];
      for (let at = 0; at < SAMPLES; at++)
        along.push(await gradient(input, index, step * ((2 * at + 1) / SAMPLES - 1)));
      const mean = along.reduce((sum, value) => sum + value, 0) / SAMPLES;
      const spread = Math.max(...along) - Math.min(...along);
      const tolerance = TOLERANCE * Math.max(1, Math.abs(mean)) + (4 * spread) / SAMPLES;
      if (!(Math.abs(difference - mean) <= tolerance)) faults.push({ input, index, derived, difference });
    }
  }
  return faults;
}

/** Weight of output element `index` in the sum that is differentiated: never zero, never all alike. */
function projection(index: number): number {
  return Math.fround(Math.cos(index * 1.7) + 0.1);
}

function buildBoth(expression: Expression): {
  readonly forward: OnnxModel;
  readonly backward: OnnxModel;
  readonly wanted: readonly string[];
} {
  const wanted = expression.wanted ?? Object.keys(expression.inputs);
  const add = (graph: GraphBuilder): readonly [GraphValue, Readonly<Record<string, GraphValue>>] => {
    const type = expression.elementType ?? "F32";
    const values = Object.fromEntries(
      Object.entries(expression.inputs).map(([name, { shape }]) => [name, graph.input(name, type, shape)]),
    );
    return [expression.build(graph, values), values];
  };
  const forward = new GraphBuilder();
  forward.output(add(forward)[0], "output");
  const backward = new GraphBuilder();
  const [output, values] = add(backward);
  const shape = output.shape as readonly number[];
  const count = shape.reduce((product, size) => product * size, 1);
  const weights = Array.from({ length: count }, (_, index) => projection(index));
  const weighted = backward.add("Mul", [output, backward.constant(output.elementType, weights, shape)]);
  const loss = backward.add("ReduceSum", [weighted], { keepdims: 0 });
  const named = wanted.map((name) => values[name] as GraphValue);
  for (const [index, gradient] of differentiate(backward, loss, named).entries()) {
    backward.output(gradient, `gradient.${wanted[index]}`);
  }
  return { forward: forward.finish(), backward: backward.finish(), wanted };
}

function typed(expression: Expression): Record<string, Numbers> {
  const type = expression.elementType === "F64" ? "float64" : "float32";
  return Object.fromEntries(
    Object.entries(expression.inputs).map(([name, value]) => [name, { ...value, type }]),
  );
}
