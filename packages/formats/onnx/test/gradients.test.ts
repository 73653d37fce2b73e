// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import {
  differentiableOperators,
  differentiate,
  floatValue,
  GraphBuilder,
  type GraphValue,
  layOutParameters,
  parametersOf,
} from "../src/index.ts";
import { type Expression, gradientFaults } from "./gradient-model.ts";
import { addNetwork, modelFromNetwork, randomNetwork } from "./random-network.ts";
import type { Numbers } from "./run-model.ts";
import { SeededRandom } from "./seeded-random.ts";

const random = new SeededRandom(7);

/** Random numbers whose size is at least `margin`, so that no kink at zero is near. */
function tensor(shape: readonly number[], low = -1, high = 1, margin = 0): Numbers {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = random.numbers(count, low, high).map((value) => value + Math.sign(value) * margin);
  return { shape, values };
}

type Inputs = Readonly<Record<string, GraphValue>>;

/** An expression of one operator over its inputs in order. */
function operator(
  opType: string,
  inputs: Readonly<Record<string, Numbers>>,
  attributes: Parameters<GraphBuilder["add"]>[2] = {},
  more: Partial<Expression> = {},
): Expression {
  const build = (graph: GraphBuilder, values: Inputs): GraphValue =>
    graph.add(
      opType,
      Object.keys(inputs).map((name) => values[name]),
      attributes,
    );
  return { inputs, build, ...more };
}

const f64 = { elementType: "F64", step: 1e-4 } as const;
const image = (): Numbers => tensor([2, 3, 5, 6]);

const expressions: Readonly<Record<string, Expression>> = {
  Abs: operator("Abs", { x: tensor([2, 3], -1, 1, 0.1) }, {}, f64),
  Add: operator("Add", { a: tensor([2, 3, 4]), b: tensor([3, 1]) }, {}, f64),
  "Add of a value to itself": {
    inputs: { a: tensor([4]) },
    build: (graph, { a }) => graph.add("Add", [a, a]),
    ...f64,
  },
  AveragePool: operator(
    "AveragePool",
    { x: tensor([1, 2, 4, 6]) },
    { kernel_shape: [2, 3], strides: [2, 3] },
  ),
  Clip: {
    inputs: { x: tensor([20], -2, 2) },
    build: (graph, { x }) =>
      graph.add("Clip", [x, graph.constant("F64", [-0.8], []), graph.constant("F64", [0.5], [])]),
    ...f64,
  },
  Concat: operator(
    "Concat",
    { a: tensor([2, 1, 3]), b: tensor([2, 4, 3]), c: tensor([2, 2, 3]) },
    { axis: 1 },
    f64,
  ),
  Conv: operator("Conv", { x: image(), w: tensor([4, 3, 3, 3]), b: tensor([4]) }, { pads: [1, 1, 1, 1] }),
  "Conv of stride 2": operator(
    "Conv",
    { x: image(), w: tensor([2, 3, 3, 3]) },
    { pads: [1, 1, 1, 1], strides: [2, 2] },
  ),
  "Conv of stride 3 and 2": operator(
    "Conv",
    { x: image(), w: tensor([2, 3, 2, 3]) },
    { strides: [3, 2], pads: [0, 1, 1, 0] },
  ),
  "Conv without padding": operator("Conv", { x: image(), w: tensor([2, 3, 3, 3]) }),
  "Conv padded beyond its kernel": operator(
    "Conv",
    { x: image(), w: tensor([2, 3, 2, 2]) },
    { pads: [2, 2, 2, 2] },
  ),
  "Conv of 1 by 1": operator("Conv", { x: image(), w: tensor([5, 3, 1, 1]), b: tensor([5]) }),
  "Conv with dilation": operator(
    "Conv",
    { x: tensor([1, 2, 7, 8]), w: tensor([3, 2, 3, 3]) },
    { dilations: [2, 2], pads: [2, 2, 2, 2] },
  ),
  "Conv of many channels": operator(
    "Conv",
    { x: tensor([2, 9, 4, 4]), w: tensor([10, 9, 3, 3]) },
    { pads: [1, 1, 1, 1] },
    { wanted: ["w"] },
  ),
  ConvTranspose: operator(
    "ConvTranspose",
    { x: tensor([2, 3, 4, 3]), w: tensor([3, 2, 3, 3]), b: tensor([2]) },
    { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
  ),
  DepthToSpace: operator("DepthToSpace", { x: tensor([2, 8, 2, 3]) }, { blocksize: 2, mode: "DCR" }),
  Div: operator("Div", { a: tensor([2, 3]), b: tensor([3], 0.5, 2) }, {}, f64),
  Exp: operator("Exp", { x: tensor([5]) }, {}, f64),
  Expand: {
    inputs: { x: tensor([2, 1, 3]) },
    build: (graph, { x }) => graph.add("Expand", [x, graph.integers([4, 2, 5, 3])]),
    ...f64,
  },
  Flatten: operator("Flatten", { x: tensor([2, 3, 4]) }, { axis: 2 }, f64),
  Gemm: operator(
    "Gemm",
    { a: tensor([4, 2]), b: tensor([3, 4]), c: tensor([3]) },
    { transA: 1, transB: 1 },
    f64,
  ),
  GlobalAveragePool: operator("GlobalAveragePool", { x: image() }),
  Identity: operator("Identity", { x: tensor([3]) }, {}, f64),
  LeakyRelu: operator("LeakyRelu", { x: tensor([9], -1, 1, 0.1) }, { alpha: floatValue(0.2) }),
  Log: operator("Log", { x: tensor([4], 0.5, 2) }, {}, f64),
  MatMul: operator("MatMul", { a: tensor([2, 1, 3, 4]), b: tensor([5, 4, 2]) }, {}, f64),
  Max: operator("Max", { a: tensor([3, 4]), b: tensor([4]) }, {}, f64),
  MaxPool: operator("MaxPool", { x: tensor([2, 2, 4, 6]) }, { kernel_shape: [2, 2], strides: [2, 2] }),
  Min: operator("Min", { a: tensor([3, 4]), b: tensor([3, 1]) }, {}, f64),
  Mul: operator("Mul", { a: tensor([2, 1, 3]), b: tensor([4, 1]) }, {}, f64),
  Neg: operator("Neg", { x: tensor([3]) }, {}, f64),
  Pad: {
    inputs: { x: tensor([2, 3]) },
    build: (graph, { x }) => graph.add("Pad", [x, graph.integers([1, 0, 2, 1])]),
    ...f64,
  },
  Pow: operator("Pow", { a: tensor([2, 3], 0.5, 2), b: tensor([3], -2, 3) }, {}, f64),
  Reciprocal: operator("Reciprocal", { x: tensor([4], 0.5, 2) }, {}, f64),
  ReduceMean: operator("ReduceMean", { x: tensor([2, 3, 4]) }, { axes: [0, 2], keepdims: 0 }, f64),
  ReduceSum: {
    inputs: { x: tensor([2, 3, 4]) },
    build: (graph, { x }) => graph.add("ReduceSum", [x, graph.integers([-1])], { keepdims: 1 }),
    ...f64,
  },
  Relu: operator("Relu", { x: tensor([9], -1, 1, 0.1) }, {}, f64),
  Reshape: {
    inputs: { x: tensor([2, 6]) },
    build: (graph, { x }) => graph.add("Reshape", [x, graph.integers([3, -1])]),
    ...f64,
  },
  Resize: {
    inputs: { x: tensor([1, 2, 2, 3]) },
    build: (graph, { x }) =>
      graph.add("Resize", [x, undefined, graph.constant("F32", [1, 1, 3, 2], [4])], { mode: "nearest" }),
  },
  Sigmoid: operator("Sigmoid", { x: tensor([5], -3, 3) }, {}, f64),
  Slice: {
    inputs: { x: tensor([4, 5]) },
    build: (graph, { x }) =>
      graph.add("Slice", [
        x,
        graph.integers([1, 3]),
        graph.integers([3, -9]),
        graph.integers([0, 1]),
        graph.integers([1, -1]),
      ]),
    ...f64,
  },
  Softplus: operator("Softplus", { x: tensor([5], -3, 3) }),
  SpaceToDepth: operator("SpaceToDepth", { x: tensor([2, 2, 4, 6]) }, { blocksize: 2 }),
  Split: {
    inputs: { x: tensor([2, 5]) },
    build: (graph, { x }) => {
      const parts = graph.addAll("Split", [x, graph.integers([2, 2, 1])], { axis: 1 }, { outputs: 3 });
      return graph.add("Mul", [parts[0], parts[2]]);
    },
    ...f64,
  },
  Sqrt: operator("Sqrt", { x: tensor([4], 0.5, 2) }, {}, f64),
  Squeeze: {
    inputs: { x: tensor([1, 3, 1]) },
    build: (graph, { x }) => graph.add("Squeeze", [x, graph.integers([0])]),
    ...f64,
  },
  Sub: operator("Sub", { a: tensor([3]), b: tensor([2, 3]) }, {}, f64),
  Sum: operator("Sum", { a: tensor([2, 3]), b: tensor([3]), c: tensor([2, 1]) }, {}, f64),
  Tanh: operator("Tanh", { x: tensor([5], -2, 2) }, {}, f64),
  Transpose: operator("Transpose", { x: tensor([2, 3, 4]) }, { perm: [2, 0, 1] }, f64),
  Unsqueeze: {
    inputs: { x: tensor([3]) },
    build: (graph, { x }) => graph.add("Unsqueeze", [x, graph.integers([0, 2])]),
    ...f64,
  },
  Where: {
    inputs: { a: tensor([4]), b: tensor([2, 4]) },
    build: (graph, { a, b }) => graph.add("Where", [graph.constant("BOOL", [1, 0, 0, 1], [4]), a, b]),
    ...f64,
  },
};

describe("differentiate", () => {
  it("is checked for every operator that has a gradient", () => {
    const checked = Object.keys(expressions).map((name) => name.split(" ")[0]);
    expect(differentiableOperators().filter((name) => !checked.includes(name))).toEqual([]);
  });

  it.each(Object.entries(expressions))("derives the gradient of %s", async (_, expression) => {
    expect(await gradientFaults(expression)).toEqual([]);
  });

  it.each(Array.from({ length: 25 }, (_, seed) => seed))(
    "derives every gradient of random network %i",
    async (seed) => {
      const network = randomNetwork(seed);
      const { model, parameters } = modelFromNetwork(network);
      const layout = layOutParameters(model, parameters);
      const values = parametersOf(model, layout);
      const inputs: Record<string, Numbers> = { x: network.input };
      for (const { name, shape, offset, count } of layout) {
        inputs[name] = { shape, values: Array.from(values.slice(offset, offset + count)) };
      }
      expect(
        await gradientFaults({
          inputs,
          build: (graph, named) =>
            addNetwork(graph, network, named.x as GraphValue, (name) => named[name] as GraphValue),
        }),
      ).toEqual([]);
    },
  );

  it("gives zeros for a value that the loss does not depend on", () => {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", [2]);
    const unused = graph.input("unused", "F32", [3, 4]);
    const [gradient] = differentiate(graph, graph.add("ReduceSum", [x], { keepdims: 0 }), [unused]);
    expect(gradient?.shape).toEqual([3, 4]);
  });

  it("names the node of an operator without a gradient", () => {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", [2]);
    const loss = graph.add("ReduceMax", [x], { keepdims: 0 }, { name: "peak" });
    expect(() => differentiate(graph, loss, [x])).toThrow(
      expect.objectContaining({
        code: "RMTC_GRAPH_UNSUPPORTED",
        message: expect.stringContaining('"peak" (ReduceMax)'),
      }),
    );
  });

  it("refuses a loss of more than one number", () => {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", [2]);
    expect(() => differentiate(graph, x, [x])).toThrow(
      expect.objectContaining({ code: "RMTC_GRAPH_UNSUPPORTED" }),
    );
  });
});
