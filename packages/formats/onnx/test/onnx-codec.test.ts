// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  GraphBuilder,
  numbersFromTensor,
  type OnnxModel,
  onnxToBytes,
  parseOnnx,
  tensorFromNumbers,
} from "../src/index.ts";
import { modelFromNetwork, randomNetwork } from "./random-network.ts";

/** Bytes of one protobuf field: number, wire type 2, content. */
function field(number: number, content: readonly number[] | Uint8Array): number[] {
  const length: number[] = [];
  let left = content.length;
  for (; left > 0x7f; left >>>= 7) length.push((left & 0x7f) | 0x80);
  return [number * 8 + 2, ...length, left, ...content];
}

const text = (value: string): number[] => [...new TextEncoder().encode(value)];

/** A file of IR version 8 whose graph has these bytes. */
const fileOf = (graph: readonly number[]): Uint8Array => Uint8Array.from([8, 8, ...field(7, graph)]);

const sample = (): Uint8Array => onnxToBytes(modelFromNetwork(randomNetwork(5)).model);

describe("parseOnnx", () => {
  it.each([...Array(10).keys()])("reads what onnxToBytes wrote of random network %i", (seed) => {
    const { model } = modelFromNetwork(randomNetwork(seed));
    const bytes = onnxToBytes(model);
    const parsed = parseOnnx(bytes);
    expect(onnxToBytes(parsed)).toEqual(bytes);
    expect(parsed.graph.nodes.map((node) => node.opType)).toEqual(
      model.graph.nodes.map((node) => node.opType),
    );
  });

  it("reads every kind of attribute back", () => {
    const tensor = tensorFromNumbers("t", "I64", [-1, 2 ** 40], [2]);
    const { graph } = modelFromNetwork(randomNetwork(1)).model;
    const model: OnnxModel = {
      irVersion: 8,
      opsetImports: [{ domain: "", version: 17 }],
      producerName: "test",
      producerVersion: "1",
      metadata: new Map([["key", "value"]]),
      graph: {
        ...graph,
        nodes: [
          {
            name: "n",
            opType: "Anything",
            domain: "example",
            inputs: ["", "x"],
            outputs: ["y"],
            attributes: new Map([
              ["float", { type: "FLOAT", value: Math.fround(0.1) }],
              ["int", { type: "INT", value: -(2n ** 63n) }],
              ["string", { type: "STRING", value: Uint8Array.of(255, 0) }],
              ["tensor", { type: "TENSOR", value: tensor }],
              ["graph", { type: "GRAPH", value: graph }],
              ["floats", { type: "FLOATS", value: Float32Array.of(1, -2.5) }],
              ["ints", { type: "INTS", value: [1n, -1n] }],
              ["strings", { type: "STRINGS", value: [Uint8Array.of(1)] }],
            ]),
          },
        ],
      },
    };
    const parsed = parseOnnx(onnxToBytes(model));
    expect(plain(parsed)).toEqual(plain(model));
  });

  it("keeps fields that it gives no meaning", () => {
    const docString = field(10, text("about the graph"));
    const bytes = fileOf([...field(2, text("g")), ...docString]);
    const model = parseOnnx(bytes);
    expect(model.graph.rest).toEqual(Uint8Array.from(docString));
    expect(onnxToBytes(model)).toEqual(bytes);
  });

  it.each([
    ["float_data", [...field(4, [0, 0, 128, 63, 0, 0, 0, 192])], 1, [1, -2]],
    ["int32_data of booleans", [...field(5, [1, 0])], 9, [1, 0]],
    ["int32_data of single entries", [5 * 8, 3, 5 * 8, 4], 6, [3, 4]],
    ["int64_data", [...field(7, [5, ...Array(9).fill(255), 1])], 7, [5, -1]],
    ["double_data", [...field(10, [...Array(6).fill(0), 240, 63, ...Array(7).fill(0), 64])], 11, [1, 2]],
  ])("reads a tensor from %s", (_, data, type, expected) => {
    const tensor = [...field(1, [2]), 16, type, ...data];
    const [read] = parseOnnx(fileOf(field(5, tensor))).graph.initializers;
    expect(read && numbersFromTensor(read)).toEqual(expected);
  });

  it.each([
    ["nothing", new Uint8Array()],
    ["text", Uint8Array.from(text("not a model, but a line of text"))],
    ["a file without a graph", Uint8Array.of(8, 8)],
    ["two graphs", Uint8Array.from([8, 8, ...field(7, []), ...field(7, [])])],
    ["a length past the end", Uint8Array.of(8, 8, 58, 200, 1)],
    ["a varint without end", Uint8Array.from([8, ...Array(20).fill(255)])],
    ["field number zero", Uint8Array.of(0, 0)],
    [
      "a tensor that does not fill its shape",
      fileOf(field(5, [...field(1, [3]), 16, 1, ...field(9, [0, 0, 0, 0])])),
    ],
    ["a tensor of negative size", fileOf(field(5, [...field(1, [...Array(9).fill(255), 1]), 16, 1]))],
    [
      "a tensor of overflowing size",
      fileOf(field(5, [...field(1, Array(9).fill([255, 255, 255, 255, 255, 1]).flat()), 16, 1])),
    ],
    ["external data without a place", fileOf(field(5, [16, 1, 112, 1]))],
    ["text that is not UTF-8", fileOf(field(2, [0xff]))],
    [
      "an attribute without a value of its type",
      fileOf(field(1, field(5, [...field(1, text("a")), 160, 1, 4]))),
    ],
  ])("refuses %s", (_, bytes) => {
    expect(() => parseOnnx(bytes)).toThrow(expect.objectContaining({ code: "RMTC_FORMAT_INVALID" }));
  });

  it("refuses a tensor of an unknown element type", () => {
    expect(() => parseOnnx(fileOf(field(5, [16, 99])))).toThrow(
      expect.objectContaining({ code: "RMTC_FORMAT_UNSUPPORTED" }),
    );
  });

  it("refuses graphs nested without end", () => {
    let graph: number[] = [];
    for (let depth = 0; depth < 40; depth++) graph = field(1, field(5, [...field(6, graph), 160, 1, 5]));
    expect(() => parseOnnx(fileOf(graph))).toThrow(expect.objectContaining({ code: "RMTC_FORMAT_INVALID" }));
  });

  it("refuses millions of empty nodes before they fill the memory", () => {
    const graph = new Uint8Array(2_000_000);
    for (let at = 0; at < graph.length; at += 2) graph[at] = 10;
    const head = [8, 8, 58, 0x80, 0x89, 0x7a];
    const bytes = new Uint8Array(head.length + graph.length);
    bytes.set(head);
    bytes.set(graph, head.length);
    expect(() => parseOnnx(bytes)).toThrow(expect.objectContaining({ code: "RMTC_LIMIT_EXCEEDED" }));
  });

  it("ends in an error, or a model, for every truncation", () => {
    const bytes = sample();
    for (let end = 0; end < bytes.length; end += 7) expectSoundEnd(bytes.subarray(0, end));
  });

  it("ends in an error, or a model, for damaged bytes", () => {
    const bytes = sample();
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = bytes.slice();
        for (const [at, value] of changes) damaged[at] = value;
        expectSoundEnd(damaged);
      }),
      { numRuns: 2000 },
    );
  });

  it("ends in an error, or a model, for random bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), expectSoundEnd), { numRuns: 2000 });
  });
});

/** Expects a file to parse, and then to be written and read the same, or to be refused by one of our codes. */
function expectSoundEnd(bytes: Uint8Array): void {
  let model: OnnxModel;
  try {
    model = parseOnnx(bytes);
  } catch (error) {
    expect(error).toMatchObject({
      code: expect.stringMatching(/^RMTC_(FORMAT_INVALID|FORMAT_UNSUPPORTED|LIMIT_EXCEEDED)$/),
    });
    return;
  }
  const written = onnxToBytes(model);
  expect(onnxToBytes(parseOnnx(written))).toEqual(written);
}

/** Drops absent fields and compares typed arrays by content. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as Uint8Array)];
  if (value instanceof Map) return [...value].map(([key, entry]) => [key, plain(entry)]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(entries.map(([key, entry]) => [key, plain(entry)]));
}

describe("onnxToBytes", () => {
  it("writes a graph without inputs, outputs or nodes", () => {
    const model = new GraphBuilder().finish();
    expect(plain(parseOnnx(onnxToBytes(model)))).toEqual(plain(model));
  });
});
