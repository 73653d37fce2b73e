// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { floatValue, GraphBuilder, type GraphValue, type OnnxModel, onnxToBytes } from "@rmtc/onnx";
import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { type NetworkGeometry, networkGeometry } from "../src/geometry/network-geometry.ts";
import { globalNetwork, LayerBuilder, matteNetwork } from "./networks.ts";

function geometryOf(model: OnnxModel): NetworkGeometry | undefined {
  return networkGeometry(model, new Map([[model.graph.inputs[0]?.name ?? "", 2]]));
}

/**
 * Measures how far the input columns are that an output column in the middle depends on, by running the network on
 * one column of NaN at a time. Near the border columns meet others that are repeated there.
 */
async function measuredReach(
  model: OnnxModel,
  rows: number,
  columns: number,
): Promise<{ before: number; after: number }> {
  const session = await InferenceSession.create(onnxToBytes(model), {
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const output = session.outputNames[0] ?? "";
  const reach = { before: 0, after: 0 };
  for (let column = 0; column < columns; column += 1) {
    const pixels = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row += 1) pixels[row * columns + column] = Number.NaN;
    const values = await session.run({ x: new Tensor("float32", pixels, [1, 1, rows, columns]) });
    const { dims, data } = values[output] as Tensor;
    const width = dims[3] ?? 1;
    const middle = Math.floor((dims[2] ?? 1) / 2) * width;
    const step = columns / width;
    for (let at = 0; at < width; at += 1) {
      const isInside = at * step > columns / 4 && at * step < (columns * 3) / 4;
      if (!isInside || !Number.isNaN((data as Float32Array)[middle + at])) continue;
      // As seams see it: `at` is kept when its first pixel is at the seam or behind, or its last before it.
      reach.before = Math.max(reach.before, Math.floor(at * step - column));
      reach.after = Math.max(reach.after, Math.floor(column - (at + 1) * step) + 1);
    }
  }
  await session.release();
  return reach;
}

const layer = fc.oneof(
  fc.record({
    type: fc.constant("conv" as const),
    kernel: fc.constantFrom(1, 2, 3, 5),
    stride: fc.constantFrom(1, 2),
    dilation: fc.constantFrom(1, 2),
  }),
  fc.record({ type: fc.constantFrom("nearest" as const, "linear" as const), factor: fc.constantFrom(2, 3) }),
  fc.record({ type: fc.constant("pool" as const) }),
);

test("no output of a random network depends on more than the geometry says", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 4 }), async (chain) => {
      const layers = new LayerBuilder();
      let value: GraphValue = layers.graph.input("x", "F32", [1, 1, "h", "w"]);
      for (const step of chain) {
        if (step.type === "conv") value = layers.conv(value, 1, 1, step);
        else if (step.type === "pool") {
          value = layers.graph.add("AveragePool", [value], { kernel_shape: [2, 2], strides: [2, 2] });
        } else value = layers.up(value, step.type, step.factor);
      }
      layers.graph.output(value, "y");
      const model = layers.graph.finish();
      const geometry = geometryOf(model);
      if (geometry === undefined) return;
      const columns = Math.ceil(96 / geometry.stride) * geometry.stride;
      const { before, after } = await measuredReach(model, 4 * geometry.stride, columns);
      expect(before).toBeLessThanOrEqual(geometry.before);
      expect(after).toBeLessThanOrEqual(geometry.after);
    }),
    { numRuns: 60 },
  );
});

test("a network of three plain convolutions sees three pixels each way", async () => {
  const layers = new LayerBuilder();
  let value: GraphValue = layers.graph.input("x", "F32", [1, 1, "h", "w"]);
  for (let count = 0; count < 3; count += 1) value = layers.relu(layers.conv(value, 1, 1));
  layers.graph.output(value, "y");
  expect(geometryOf(layers.graph.finish())).toEqual({
    stride: 1,
    before: 3,
    after: 3,
    receptiveField: 7,
    seamMultiple: 1,
    rowAxes: { y: 2 },
  });
});

test("an encoder and decoder has the stride of its depth", () => {
  expect(geometryOf(matteNetwork())).toMatchObject({ stride: 4, rowAxes: { alpha: 2 } });
});

test("a picture that is turned to channels last and back is followed", () => {
  const layers = new LayerBuilder();
  const x = layers.graph.input("x", "F32", [1, "h", "w", 3]);
  const turned = layers.graph.add("Transpose", [x], { perm: [0, 3, 1, 2] });
  const back = layers.graph.add("Transpose", [layers.conv(turned, 3, 1)], { perm: [0, 2, 3, 1] });
  layers.graph.output(back, "y");
  const geometry = networkGeometry(layers.graph.finish(), new Map([["x", 1]]));
  expect(geometry).toMatchObject({ before: 1, after: 1, rowAxes: { y: 1 } });
});

describe("tiles cannot stand for the whole when", () => {
  const withNode = (add: (graph: GraphBuilder, x: GraphValue) => GraphValue): OnnxModel => {
    const graph = new GraphBuilder();
    graph.output(add(graph, graph.input("x", "F32", [1, 1, "h", "w"])), "y");
    return graph.finish();
  };
  const withRawNode = (opType: string, axis: number): OnnxModel => {
    const model = withNode((graph, x) => graph.add("Identity", [x]));
    const attributes = new Map([["axis", { type: "INT" as const, value: BigInt(axis) }]]);
    const nodes = model.graph.nodes.map((node) => ({ ...node, opType, attributes }));
    return { ...model, graph: { ...model.graph, nodes } };
  };
  const scales = (graph: GraphBuilder) => graph.constant("F32", [1, 1, 2, 2], [4]);

  test.each<[string, OnnxModel]>([
    ["an average is taken over the whole image", globalNetwork()],
    [
      "corners are aligned",
      withNode((graph, x) =>
        graph.add("Resize", [x, undefined, scales(graph)], {
          mode: "linear",
          coordinate_transformation_mode: "align_corners",
        }),
      ),
    ],
    ["softmax runs along a row", withRawNode("Softmax", 3)],
    [
      "a row's values are added up",
      withNode((graph, x) => graph.add("ReduceSum", [x, graph.integers([-1])])),
    ],
    [
      "an image constant is added",
      withNode((graph, x) => graph.add("Add", [x, graph.constant("F32", [1, 2, 3, 4], [1, 1, 2, 2])])),
    ],
    [
      "the image shrinks at its border",
      withNode((graph, x) =>
        graph.add("Conv", [x, graph.constant("F32", new Array(9).fill(1), [1, 1, 3, 3])], {
          kernel_shape: [3, 3],
        }),
      ),
    ],
    [
      "the image is cropped and padded again",
      withNode((graph, x) =>
        graph.add("Pad", [
          graph.add("Pad", [x, graph.integers([0, 0, -1, 0, 0, 0, 0, 0])]),
          graph.integers([0, 0, 1, 0, 0, 0, 0, 0]),
        ]),
      ),
    ],
    [
      "a crop is taken",
      withNode((graph, x) =>
        graph.add("Relu", [graph.add("Pad", [x, graph.integers([0, 0, 0, -4, 0, 0, 0, 0])])]),
      ),
    ],
  ])("%s", (_, model) => {
    expect(geometryOf(model)).toBeUndefined();
  });

  test("an operator of another domain is in the way", () => {
    const model = withNode((graph, x) => graph.add("LeakyRelu", [x], { alpha: floatValue(0.1) }));
    const nodes = model.graph.nodes.map((node) => ({ ...node, domain: "com.example" }));
    expect(geometryOf({ ...model, graph: { ...model.graph, nodes } })).toBeUndefined();
  });
});

test("absurd windows in a damaged file are given up, quickly", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "F32", [1, 1, "h", "w"]);
  let value = x;
  for (let count = 0; count < 50; count += 1) {
    value = graph.add("ConvTranspose", [value, graph.constant("F32", [1], [1, 1, 1, 1])], {
      kernel_shape: [1, 1],
      strides: [65_536, 65_536],
      output_padding: [65_535, 65_535],
    });
  }
  graph.output(value, "y");
  expect(geometryOf(graph.finish())).toBeUndefined();
});
