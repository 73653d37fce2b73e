// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { GraphBuilder, type OnnxModel } from "@rmtc/onnx";
import { afterAll, describe, expect, test } from "vitest";
import { type OnnxInferable, OnnxInferer, onnxInfererOptions } from "../src/index.ts";
import {
  addingNetwork,
  enlargingNetwork,
  floatsOf,
  globalNetwork,
  largestDifference,
  matteNetwork,
  randomPixels,
  saveModel,
  shrinkingNetwork,
} from "./networks.ts";

const inferer = new OnnxInferer(onnxInfererOptions.parse({}));
afterAll(() => inferer[Symbol.asyncDispose]());

/** One network for the tests that only need some matte. */
let matte: Promise<OnnxInferable> | undefined;
async function sharedMatte(): Promise<OnnxInferable> {
  matte ??= open(matteNetwork());
  return matte;
}

async function open(model: OnnxModel): Promise<OnnxInferable> {
  return inferer.open({ path: await saveModel(model), mediaType: "application/vnd.onnx" });
}

test("tiles give what the whole image gives, on a plate of odd size", async () => {
  const network = await sharedMatte();
  const plate = randomPixels([1, 3, 363, 641], 1);
  const whole = await network.run({ inputs: { plate } });
  expect(whole.outputs.alpha?.shape).toEqual([1, 1, 363, 641]);
  const overlap = network.receptiveField ?? Number.NaN;
  for (const tiles of [
    { size: 128, overlap },
    { size: 64, overlap: overlap + 3 },
    { size: 1024, overlap },
  ]) {
    const tiled = await network.run({ inputs: { plate }, tiles });
    expect(
      largestDifference(floatsOf(whole.outputs.alpha), floatsOf(tiled.outputs.alpha)),
    ).toBeLessThanOrEqual(1e-5);
  }
});

test("tiles that share too little show seams, so the test above can fail", async () => {
  const network = await sharedMatte();
  const plate = randomPixels([1, 3, 128, 128], 1);
  const whole = await network.run({ inputs: { plate } });
  const tiled = await network.run({ inputs: { plate }, tiles: { size: 64, overlap: 0 } });
  expect(largestDifference(floatsOf(whole.outputs.alpha), floatsOf(tiled.outputs.alpha))).toBeGreaterThan(
    1e-3,
  );
});

test("padding repeats the last row and column and leaves no trace in the size", async () => {
  const network = await sharedMatte();
  const small = randomPixels([1, 3, 30, 41], 2);
  const padded = new Float32Array(3 * 32 * 44);
  for (let channel = 0; channel < 3; channel += 1) {
    for (let row = 0; row < 32; row += 1) {
      for (let column = 0; column < 44; column += 1) {
        const from = (channel * 30 + Math.min(row, 29)) * 41 + Math.min(column, 40);
        padded[(channel * 32 + row) * 44 + column] = floatsOf(small)[from] ?? 0;
      }
    }
  }
  const large = { dtype: "F32" as const, shape: [1, 3, 32, 44], data: new Uint8Array(padded.buffer) };
  const ours = floatsOf((await network.run({ inputs: { plate: small } })).outputs.alpha);
  const theirs = floatsOf((await network.run({ inputs: { plate: large } })).outputs.alpha);
  const cropped = ours.map((_, at) => theirs[Math.floor(at / 41) * 44 + (at % 41)] ?? 0);
  expect(largestDifference(ours, cropped)).toBe(0);
});

describe("outputs of another size than the input", () => {
  test.each<[string, OnnxModel, Record<string, readonly number[]>]>([
    ["twice as large", enlargingNetwork(), { large: [1, 2, 202, 406] }],
    ["smaller by four, rounded up", shrinkingNetwork(), { full: [1, 1, 101, 203], small: [1, 1, 26, 51] }],
  ])("are put together from tiles: %s", async (_, model, shapes) => {
    await using network = await open(model);
    const channels = network.inputs[0]?.layout.shape[1] ?? 1;
    const x = randomPixels([1, channels, 101, 203], 3);
    const whole = await network.run({ inputs: { x } });
    const tiled = await network.run({
      inputs: { x },
      tiles: { size: 32, overlap: network.receptiveField ?? Number.NaN },
    });
    for (const [name, shape] of Object.entries(shapes)) {
      expect(whole.outputs[name]?.shape).toEqual(shape);
      expect(tiled.outputs[name]?.shape).toEqual(shape);
      expect(
        largestDifference(floatsOf(whole.outputs[name]), floatsOf(tiled.outputs[name])),
      ).toBeLessThanOrEqual(1e-5);
    }
  });
});

test.each([
  ["F16", (values: readonly number[]) => new Float16Array(values), 0.5],
  ["I32", (values: readonly number[]) => new Int32Array(values), 70_000],
  ["U8", (values: readonly number[]) => new Uint8Array(values), 3],
] as const)(
  "%s tensors go in and come out, beside a setting that is no image",
  async (dtype, numbers, amount) => {
    await using network = await open(addingNetwork(dtype));
    const values = Array.from({ length: 30 }, (_, index) => index);
    const x = { dtype, shape: [1, 1, 5, 6], data: new Uint8Array(numbers(values).buffer) };
    const setting = { dtype, shape: [], data: new Uint8Array(numbers([amount]).buffer) };
    const sums = new Uint8Array(numbers(values.map((value) => value + amount)).buffer);
    for (const tiles of [undefined, { size: 4, overlap: 1 }]) {
      const { outputs } = await network.run({ inputs: { x, amount: setting }, tiles });
      expect(outputs.y?.data).toEqual(sums);
    }
  },
);

test("only the outputs that are asked for are computed", async () => {
  await using network = await open(shrinkingNetwork());
  const x = randomPixels([1, 1, 16, 16], 1);
  const { outputs } = await network.run({ inputs: { x }, outputs: ["small"] });
  expect(Object.keys(outputs)).toEqual(["small"]);
  await expect(network.run({ inputs: { x }, outputs: ["large"] })).rejects.toMatchObject({
    code: "RMTC_OPTION_INVALID",
    subject: "large",
  });
});

test("a network of one size takes that size whole, and any size in tiles of it", async () => {
  const graph = new GraphBuilder();
  graph.output(graph.add("Relu", [graph.input("x", "F32", [1, 1, 32, 32])]), "y");
  await using network = await open(graph.finish());
  const exact = randomPixels([1, 1, 32, 32], 1);
  expect((await network.run({ inputs: { x: exact } })).outputs.y?.shape).toEqual([1, 1, 32, 32]);
  const other = randomPixels([1, 1, 20, 75], 1);
  await expect(network.run({ inputs: { x: other } })).rejects.toMatchObject({ code: "RMTC_LAYOUT_MISMATCH" });
  const tiled = await network.run({ inputs: { x: other }, tiles: { size: 32, overlap: 4 } });
  expect([...floatsOf(tiled.outputs.y)]).toEqual([...floatsOf(other)].map((value) => Math.max(value, 0)));
  await expect(network.run({ inputs: { x: other }, tiles: { size: 16, overlap: 4 } })).rejects.toMatchObject({
    code: "RMTC_LAYOUT_MISMATCH",
  });
});

test("a network that looks at the whole image runs whole and says that it cannot be tiled", async () => {
  await using network = await open(globalNetwork());
  expect(network.capabilities).toEqual({ tiles: false, concurrency: 1 });
  const x = randomPixels([1, 1, 33, 21], 1);
  const { outputs } = await network.run({ inputs: { x } });
  expect(outputs.y?.shape).toEqual([1, 1, 33, 21]);
  await expect(network.run({ inputs: { x }, tiles: { size: 16, overlap: 4 } })).rejects.toMatchObject({
    code: "RMTC_UNSUPPORTED",
  });
});

test("an output whose size only the pixels decide comes as it is", async () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "F32", [1, 1, "h", "w"]);
  graph.output(graph.add("Relu", [x]), "image");
  const model = graph.finish();
  const nonZero = {
    name: "n",
    opType: "NonZero",
    domain: "",
    inputs: ["x"],
    outputs: ["places"],
    attributes: new Map(),
  };
  await using network = await open({
    ...model,
    graph: {
      ...model.graph,
      nodes: [...model.graph.nodes, nonZero],
      outputs: [
        ...model.graph.outputs,
        { name: "places", tensor: { elementType: "I64", shape: [4, "count"] } },
      ],
    },
  });
  for (const count of [2, 5, 5, 1]) {
    const pixels = Float32Array.from({ length: 16 }, (_, at) => (at < count ? 1 : 0));
    const { outputs } = await network.run({
      inputs: { x: { dtype: "F32", shape: [1, 1, 4, 4], data: new Uint8Array(pixels.buffer) } },
    });
    expect(outputs.places?.shape).toEqual([4, count]);
  }
  await expect(
    network.run({ inputs: { x: randomPixels([1, 1, 64, 64], 1) }, tiles: { size: 32, overlap: 0 } }),
  ).rejects.toMatchObject({ code: "RMTC_UNSUPPORTED", subject: "places" });
});

describe("a call is refused with", () => {
  const pixels = randomPixels([1, 3, 8, 8], 1);
  test.each([
    ["an input that is missing", {}],
    ["an input that the network has not", { plate: pixels, mask: pixels }],
    ["another element type", { plate: { ...pixels, dtype: "F16" as const } }],
    ["another rank", { plate: { ...pixels, shape: [3, 8, 8] } }],
    ["another count of channels", { plate: { ...pixels, shape: [1, 1, 24, 8] } }],
    ["an empty image", { plate: { ...pixels, shape: [1, 3, 0, 8], data: new Uint8Array() } }],
    ["too few bytes", { plate: { ...pixels, data: pixels.data.subarray(4) } }],
  ])("%s", async (_, inputs) => {
    await expect((await sharedMatte()).run({ inputs })).rejects.toMatchObject({
      code: "RMTC_LAYOUT_MISMATCH",
    });
  });
});

test("images that belong together must have one size", async () => {
  const graph = new GraphBuilder();
  const shape = [1, 1, "h", "w"];
  const [a, b] = [graph.input("a", "F32", shape), graph.input("b", "F32", shape)];
  graph.output(graph.add("Add", [a, b]), "y");
  await using network = await open(graph.finish());
  const inputs = { a: randomPixels([1, 1, 8, 8], 1), b: randomPixels([1, 1, 8, 9], 1) };
  await expect(network.run({ inputs })).rejects.toMatchObject({ code: "RMTC_LAYOUT_MISMATCH", subject: "b" });
});

test("several processes share the tiles of a call and the calls", async () => {
  await using pool = new OnnxInferer(onnxInfererOptions.parse({ processes: 2, threadsPerProcess: 1 }));
  const network = await pool.open({
    path: await saveModel(matteNetwork()),
    mediaType: "application/vnd.onnx",
  });
  expect(network.capabilities.concurrency).toBe(2);
  const overlap = network.receptiveField ?? Number.NaN;
  const plates = [1, 2, 3].map((seed) => randomPixels([1, 3, 200, 150], seed));
  const tiled = await Promise.all(
    plates.map((plate) => network.run({ inputs: { plate }, tiles: { size: 64, overlap } })),
  );
  expect(network.processIds).toHaveLength(2);
  for (const [index, plate] of plates.entries()) {
    const whole = await network.run({ inputs: { plate } });
    expect(
      largestDifference(floatsOf(whole.outputs.alpha), floatsOf(tiled[index]?.outputs.alpha)),
    ).toBeLessThanOrEqual(1e-5);
  }
});
