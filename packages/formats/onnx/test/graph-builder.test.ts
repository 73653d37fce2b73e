// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import {
  differentiate,
  GraphBuilder,
  type GraphValue,
  onnxToBytes,
  tensorFromNumbers,
} from "../src/index.ts";
import { addNetwork, randomNetwork } from "./random-network.ts";
import { runModel } from "./run-model.ts";

describe("GraphBuilder", () => {
  it.each([...Array(20).keys()])(
    "knows the shape of every value, forward and backward, of random network %i",
    async (seed) => {
      const network = randomNetwork(1000 + seed);
      const graph = new GraphBuilder();
      const parameters: GraphValue[] = [];
      const x = graph.input("x", "F32", network.input.shape);
      const y = addNetwork(graph, network, x, (name, shape, values) => {
        const value = graph.initializer(tensorFromNumbers(name, "F32", values, shape));
        parameters.push(value);
        return value;
      });
      differentiate(graph, graph.add("ReduceSum", [y], { keepdims: 0 }), [x, ...parameters]);
      const names = graph.nodes.flatMap((node) => node.outputs);
      for (const name of names) graph.output(graph.value(name));
      const results = await runModel(graph.finish(), { x: network.input });
      expect(names.map((name) => [name, results.get(name)?.shape])).toEqual(
        names.map((name) => [name, graph.value(name).shape]),
      );
    },
  );

  it("keeps sizes open that only the run fixes", async () => {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", ["n", 2, "h", "w"]);
    const w = graph.initializer(tensorFromNumbers("w", "F32", new Array(36).fill(1), [2, 2, 3, 3]));
    const y = graph.output(graph.add("Conv", [x, w], { pads: [1, 1, 1, 1] }), "y");
    expect(y.shape).toEqual(["n", 2, "h", "w"]);
    const results = await runModel(graph.finish(), {
      x: { shape: [1, 2, 4, 7], values: new Array(56).fill(1) },
    });
    expect(results.get("y")?.shape).toEqual([1, 2, 4, 7]);
  });

  it("gives the same bytes for the same calls", () => {
    const build = (): Uint8Array => {
      const graph = new GraphBuilder();
      const x = graph.input("x", "F32", [2]);
      graph.output(graph.add("Add", [graph.add("Relu", [x]), graph.scalar(0.5, x)]), "y");
      return onnxToBytes(graph.finish());
    };
    expect(build()).toEqual(build());
  });

  it("leaves out nodes and constants that no output depends on", () => {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", [2]);
    graph.add("Add", [x, graph.scalar(2, x)]);
    graph.output(graph.add("Relu", [x]), "y");
    const { nodes, initializers } = graph.finish().graph;
    expect(nodes.map((node) => node.opType)).toEqual(["Relu", "Identity"]);
    expect(initializers).toEqual([]);
  });

  it("uses one constant for equal numbers, and tells zero from minus zero", () => {
    const graph = new GraphBuilder();
    expect(graph.integers([1, 2])).toBe(graph.integers([1, 2]));
    expect(graph.constant("F32", [0], [])).not.toBe(graph.constant("F32", [-0], []));
  });

  it("refuses a name that is taken", () => {
    const graph = new GraphBuilder();
    graph.input("x", "F32", [2]);
    expect(() => graph.input("x", "F32", [2])).toThrow(
      expect.objectContaining({ code: "RMTC_OPTION_INVALID" }),
    );
  });

  it("refuses a number attribute that is not whole unless it is said to be a float", () => {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", [2]);
    expect(() => graph.add("LeakyRelu", [x], { alpha: 0.1 })).toThrow(
      expect.objectContaining({ code: "RMTC_OPTION_INVALID" }),
    );
  });

  it.each([
    ["an operator it does not know", (graph: GraphBuilder, x: GraphValue) => graph.add("Einsum", [x])],
    [
      "shapes that do not fit",
      (graph: GraphBuilder, x: GraphValue) => graph.add("Add", [x, graph.integers([1, 2, 3])]),
    ],
    [
      "a grouped convolution",
      (graph: GraphBuilder, x: GraphValue) => graph.add("Conv", [x, x], { group: 2 }),
    ],
    ["an input that is left out", (graph: GraphBuilder) => graph.add("Relu", [undefined])],
    ["a value that nothing defines", (graph: GraphBuilder) => graph.value("nowhere")],
  ])("refuses %s", (_, add) => {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", [1, 2, 4, 4]);
    expect(() => add(graph, x)).toThrow(expect.objectContaining({ code: "RMTC_GRAPH_UNSUPPORTED" }));
  });
});
