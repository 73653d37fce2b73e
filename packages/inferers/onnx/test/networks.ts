// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  floatValue,
  GraphBuilder,
  type GraphValue,
  type OnnxModel,
  onnxToBytes,
  tensorFromNumbers,
} from "@rmtc/onnx";

/** A small generator, so that every run of a test sees the same weights and pixels. */
export function randomNumbers(count: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Adds layers with random weights to a graph. */
export class LayerBuilder {
  readonly graph: GraphBuilder = new GraphBuilder();
  #seed = 1;

  conv(
    x: GraphValue,
    from: number,
    to: number,
    settings: { kernel?: number; stride?: number; dilation?: number } = {},
  ): GraphValue {
    const { kernel = 3, stride = 1, dilation = 1 } = settings;
    const pad = (dilation * (kernel - 1)) / 2;
    const weights = this.#weights([to, from, kernel, kernel], Math.sqrt(3 / (from * kernel * kernel)));
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      dilations: [dilation, dilation],
      pads: [Math.floor(pad), Math.floor(pad), Math.ceil(pad), Math.ceil(pad)],
    };
    return this.graph.add("Conv", [x, weights, this.#weights([to], 0.1)], attributes);
  }

  relu(x: GraphValue): GraphValue {
    return this.graph.add("LeakyRelu", [x], { alpha: floatValue(0.1) });
  }

  up(x: GraphValue, mode: "nearest" | "linear", factor = 2): GraphValue {
    const scales = this.graph.constant("F32", [1, 1, factor, factor], [4]);
    const nearest = { mode, coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
    const linear = { mode, coordinate_transformation_mode: "half_pixel" };
    return this.graph.add("Resize", [x, undefined, scales], mode === "nearest" ? nearest : linear);
  }

  upConv(x: GraphValue, channels: number): GraphValue {
    const weights = this.#weights([channels, channels, 2, 2], 0.5);
    return this.graph.add("ConvTranspose", [x, weights], { kernel_shape: [2, 2], strides: [2, 2] });
  }

  #weights(shape: readonly number[], scale: number): GraphValue {
    const count = shape.reduce((all, size) => all * size, 1);
    this.#seed += 1;
    const values = randomNumbers(count, this.#seed).map((value) => value * scale);
    return this.graph.initializer(tensorFromNumbers(`weights${this.#seed}`, "F32", values, shape));
  }
}

/** An encoder and decoder with skips: stride 4, one matte channel, as the trainer makes them. */
export function matteNetwork(metadata?: ReadonlyMap<string, string>, channels = 8): OnnxModel {
  const layers = new LayerBuilder();
  const { graph } = layers;
  const plate = graph.input("plate", "F32", ["batch", 3, "height", "width"]);
  const full = layers.relu(layers.conv(plate, 3, channels));
  const half = layers.relu(layers.conv(full, channels, channels, { stride: 2 }));
  const quarter = layers.relu(layers.conv(half, channels, channels, { stride: 2 }));
  const upHalf = graph.add("Concat", [layers.up(quarter, "nearest"), half], { axis: 1 });
  const decodedHalf = layers.relu(layers.conv(upHalf, 2 * channels, channels));
  const upFull = graph.add("Concat", [layers.up(decodedHalf, "linear"), full], { axis: 1 });
  const decoded = layers.relu(layers.conv(upFull, 2 * channels, channels));
  graph.output(graph.add("Sigmoid", [layers.conv(decoded, channels, 1, { kernel: 1 })]), "alpha");
  return graph.finish(metadata === undefined ? {} : { metadata });
}

/** A network that makes pictures twice as large. */
export function enlargingNetwork(): OnnxModel {
  const layers = new LayerBuilder();
  const x = layers.graph.input("x", "F32", [1, 2, "h", "w"]);
  layers.graph.output(layers.conv(layers.upConv(layers.conv(x, 2, 2), 2), 2, 2, { kernel: 5 }), "large");
  return layers.graph.finish();
}

/** A network with a full-size and a quarter-size output. */
export function shrinkingNetwork(): OnnxModel {
  const layers = new LayerBuilder();
  const x = layers.graph.input("x", "F32", [1, 1, "h", "w"]);
  const pooled = layers.graph.add("MaxPool", [layers.conv(x, 1, 2)], {
    kernel_shape: [2, 2],
    strides: [2, 2],
    ceil_mode: 1,
  });
  layers.graph.output(layers.conv(x, 1, 1), "full");
  layers.graph.output(layers.conv(pooled, 2, 1, { stride: 2 }), "small");
  return layers.graph.finish();
}

/** A network whose every output pixel depends on all input pixels. */
export function globalNetwork(): OnnxModel {
  const layers = new LayerBuilder();
  const x = layers.graph.input("x", "F32", [1, 1, "h", "w"]);
  layers.graph.output(layers.graph.add("Sub", [x, layers.graph.add("GlobalAveragePool", [x])]), "y");
  return layers.graph.finish();
}

/** `y = x + amount`, in any element type that ONNX adds, with `amount` a second input of one number. */
export function addingNetwork(dtype: "F32" | "F16" | "I64" | "F64" | "I32" | "U8"): OnnxModel {
  const graph = new GraphBuilder();
  const x = graph.input("x", dtype, [1, 1, "h", "w"]);
  graph.output(graph.add("Add", [x, graph.input("amount", dtype, [])]), "y");
  return graph.finish();
}

/** Writes a model to a new file in a new folder and returns its path. */
export async function saveModel(model: OnnxModel | Uint8Array): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "rmtc-inferer-")), "network.onnx");
  await writeFile(path, model instanceof Uint8Array ? model : onnxToBytes(model));
  return path;
}

/** Makes an F32 tensor of random pixels. */
export function randomPixels(shape: readonly number[], seed: number) {
  const numbers = randomNumbers(
    shape.reduce((all, size) => all * size, 1),
    seed,
  );
  return { dtype: "F32" as const, shape, data: new Uint8Array(numbers.buffer) };
}

/** Reads a tensor's bytes as floats. */
export function floatsOf(value: { readonly data: Uint8Array } | undefined): Float32Array {
  const data = value?.data ?? new Uint8Array();
  return new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
}

/** The largest difference of two lists of numbers; infinite if they differ in length. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce(
    (largest, value, index) => Math.max(largest, Math.abs(value - (b[index] ?? Number.NaN))),
    0,
  );
}
