// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError } from "@rmtc/contract";
import { GraphBuilder, type OnnxModel, onnxToBytes, parseOnnx } from "@rmtc/onnx";
import fc from "fast-check";
import { expect, test } from "vitest";
import { describeModel } from "../src/describe-model.ts";
import { enlargingNetwork, globalNetwork, matteNetwork, shrinkingNetwork } from "./networks.ts";

test("names, element types, sizes and axes come from the graph; any size is 0", () => {
  expect(describeModel(matteNetwork())).toMatchObject({
    inputs: [{ name: "plate", layout: { dtype: "F32", shape: [0, 3, 0, 0], axes: ["n", "c", "h", "w"] } }],
    outputs: [{ name: "alpha", layout: { dtype: "F32", shape: [0, 1, 0, 0], axes: ["n", "c", "h", "w"] } }],
    stride: 4,
  });
});

test("layouts in the metadata say what the graph does not", () => {
  const layout = { dtype: "F32", shape: [1, 3, 0, 0], axes: ["n", "c", "h", "w"], channels: ["R", "G", "B"] };
  const metadata = new Map([["rmtc.layout.plate", JSON.stringify(layout)]]);
  expect(describeModel(matteNetwork(metadata)).inputs[0]?.layout).toEqual({ ...layout, shape: [0, 3, 0, 0] });
});

test("the graph is believed before the metadata", () => {
  const metadata = new Map([
    ["rmtc.stride", "2"],
    ["rmtc.receptiveField", "3"],
  ]);
  expect(describeModel(matteNetwork(metadata))).toEqual(describeModel(matteNetwork()));
});

test("metadata stand in where the graph cannot be followed", () => {
  const metadata = new Map([
    ["rmtc.stride", "8"],
    ["rmtc.receptiveField", "45"],
  ]);
  expect(describeModel({ ...globalNetwork(), metadata })).toMatchObject({
    stride: 8,
    geometry: { stride: 8, receptiveField: 45, before: 22, after: 23, rowAxes: { y: 2 } },
  });
  expect(describeModel(globalNetwork()).geometry).toBeUndefined();
});

test.each([
  ["rmtc.stride", "0"],
  ["rmtc.receptiveField", "many"],
  ["rmtc.layout.x", "{"],
  ["rmtc.layout.x", "3"],
  ["rmtc.layout.x", "{}"],
  ["rmtc.layout.x", '{"axes":["n","c","h"]}'],
  ["rmtc.layout.x", '{"axes":["n","c","h","w"],"shoeSize":9}'],
])("malformed metadata %s = %s are refused", (key, value) => {
  const metadata = new Map([
    ["rmtc.stride", "8"],
    ["rmtc.receptiveField", "9"],
    [key, value],
  ]);
  expect(() => describeModel({ ...globalNetwork(), metadata })).toThrow(
    expect.objectContaining({ code: "RMTC_FORMAT_INVALID", subject: key }),
  );
});

test("inputs that cannot be handed over are refused", () => {
  const graph = new GraphBuilder();
  graph.output(graph.add("Identity", [graph.input("x", "BF16", [1])]), "y");
  expect(() => describeModel(graph.finish())).toThrow(
    expect.objectContaining({ code: "RMTC_GRAPH_UNSUPPORTED", subject: "x" }),
  );
});

test("weights that old files list among the inputs are none", () => {
  const model = matteNetwork();
  const listed = model.graph.initializers.map(({ name, elementType, shape }) => ({
    name,
    tensor: { elementType, shape },
  }));
  const old: OnnxModel = { ...model, graph: { ...model.graph, inputs: [...model.graph.inputs, ...listed] } };
  expect(describeModel(old)).toEqual(describeModel(model));
});

test("a damaged network is described or refused, and never breaks the one who reads it", () => {
  const intact = [matteNetwork(undefined, 2), enlargingNetwork(), shrinkingNetwork()].map(onnxToBytes);
  const change = fc.record({ at: fc.nat(100_000), value: fc.nat(255) });
  fc.assert(
    fc.property(
      fc.constantFrom(...intact),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      (bytes, changes) => {
        const damaged = bytes.slice();
        for (const { at, value } of changes) damaged[at % damaged.length] = value;
        try {
          describeModel(parseOnnx(damaged));
        } catch (error) {
          if (!isRmtcError(error)) throw error;
        }
      },
    ),
    { numRuns: 2000 },
  );
});
