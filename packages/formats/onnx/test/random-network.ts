// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { GraphBuilder, type GraphValue, type OnnxModel, tensorFromNumbers } from "../src/index.ts";
import { SeededRandom } from "./seeded-random.ts";

/** One layer of a random network, as data, so that another framework can build the same. */
export type RandomLayer =
  | {
      readonly op: "conv" | "convTranspose";
      readonly kernel: number;
      readonly stride: number;
      readonly pad: number;
      readonly weights: { readonly shape: readonly number[]; readonly values: readonly number[] };
      readonly bias: readonly number[] | null;
    }
  | {
      readonly op:
        | "relu"
        | "leakyRelu"
        | "sigmoid"
        | "tanh"
        | "softplus"
        | "upsample"
        | "maxPool"
        | "averagePool";
    }
  | { readonly op: "skip"; readonly from: number };

/** A random image-to-image network with its data. */
export interface RandomNetwork {
  readonly loss: "l1" | "l2" | "bce";
  readonly input: { readonly shape: readonly number[]; readonly values: readonly number[] };
  readonly target: { readonly shape: readonly number[]; readonly values: readonly number[] };
  readonly layers: readonly RandomLayer[];
}

/** Draws a network of convolutions, activations, pools, upsampling and skips, and data for it. */
export function randomNetwork(seed: number): RandomNetwork {
  const random = new SeededRandom(seed);
  const input = [random.integer(1, 2), random.integer(1, 3), random.integer(5, 9), random.integer(5, 9)];
  const layers: RandomLayer[] = [];
  const shapes: (readonly number[])[] = [];
  let shape: readonly number[] = input;
  const push = (layer: RandomLayer, next: readonly number[]): void => {
    layers.push(layer);
    shapes.push(next);
    shape = next;
  };
  const parameters = (
    op: "conv" | "convTranspose",
    out: number,
    kernel: number,
    stride: number,
    pad: number,
  ) => {
    const [, ci = 1] = shape;
    const weightShape = op === "conv" ? [out, ci, kernel, kernel] : [ci, out, kernel, kernel];
    const scale = 1.5 / Math.sqrt(ci * kernel * kernel);
    const values = random.numbers(out * ci * kernel * kernel, -scale, scale);
    const bias = random.next() < 0.7 ? random.numbers(out, -0.3, 0.3) : null;
    return { op, kernel, stride, pad, weights: { shape: weightShape, values }, bias } as const;
  };
  for (let count = random.integer(2, 4); count > 0; count--) {
    const [n = 1, c = 1, h = 1, w = 1] = shape;
    const choice = random.pick([
      "conv",
      "conv",
      "conv",
      "convTranspose",
      "upsample",
      "pool",
      "skip",
    ] as const);
    if (choice === "conv") {
      const kernel = random.pick([1, 2, 3]);
      const stride = Math.min(h, w) >= 5 ? random.pick([1, 2, 3]) : 1;
      const pad = random.integer(0, kernel - 1);
      const [out, size] = [
        random.integer(1, 4),
        (s: number) => Math.floor((s + 2 * pad - kernel) / stride) + 1,
      ];
      if (size(h) >= 1 && size(w) >= 1)
        push(parameters("conv", out, kernel, stride, pad), [n, out, size(h), size(w)]);
    } else if (choice === "convTranspose") {
      const [kernel, stride] = [random.pick([2, 3]), random.pick([1, 2])];
      const pad = random.integer(0, 1);
      const [out, size] = [random.integer(1, 3), (s: number) => stride * (s - 1) + kernel - 2 * pad];
      if (size(h) >= 1 && size(w) >= 1 && size(h) < 14) {
        push(parameters("convTranspose", out, kernel, stride, pad), [n, out, size(h), size(w)]);
      }
    } else if (choice === "upsample" && h < 8 && w < 8) push({ op: "upsample" }, [n, c, h * 2, w * 2]);
    else if (choice === "pool" && h % 2 === 0 && w % 2 === 0) {
      push({ op: random.pick(["maxPool", "averagePool"]) }, [n, c, h / 2, w / 2]);
    } else if (choice === "skip") {
      const from = shapes.findIndex(
        (other, at) => at < shapes.length - 1 && other[2] === h && other[3] === w,
      );
      if (from >= 0) push({ op: "skip", from }, [n, c + (shapes[from]?.[1] ?? 0), h, w]);
    }
    push({ op: random.pick(["relu", "leakyRelu", "sigmoid", "tanh", "softplus"]) }, shape);
  }
  push(parameters("conv", 1, 1, 1, 0), [shape[0] ?? 1, 1, shape[2] ?? 1, shape[3] ?? 1]);
  push({ op: "sigmoid" }, shape);
  const count = (of: readonly number[]): number => of.reduce((product, size) => product * size, 1);
  return {
    loss: random.pick(["l1", "l2", "bce"]),
    input: { shape: input, values: random.numbers(count(input)) },
    target: { shape, values: random.numbers(count(shape), 0, 1) },
    layers,
  };
}

/** Builds a random network as an ONNX model with input `x` and output `y`, and lists its parameters. */
export function modelFromNetwork(network: RandomNetwork): {
  readonly model: OnnxModel;
  readonly parameters: readonly string[];
} {
  const graph = new GraphBuilder();
  const parameters: string[] = [];
  const x = graph.input("x", "F32", network.input.shape);
  const output = addNetwork(graph, network, x, (name, shape, values) => {
    parameters.push(name);
    return graph.initializer(tensorFromNumbers(name, "F32", values, shape));
  });
  graph.output(output, "y");
  return { model: graph.finish(), parameters };
}

/** Makes the value of one parameter. */
type ParameterSource = (name: string, shape: readonly number[], values: readonly number[]) => GraphValue;

/** Adds a random network's nodes to a graph, with parameters from `parameter`. */
export function addNetwork(
  graph: GraphBuilder,
  network: RandomNetwork,
  x: GraphValue,
  parameter: ParameterSource,
): GraphValue {
  const outputs: GraphValue[] = [];
  return network.layers.reduce((value, layer, index) => {
    const next = addLayer(graph, layer, index, value, outputs, parameter);
    outputs.push(next);
    return next;
  }, x);
}

function addLayer(
  graph: GraphBuilder,
  layer: RandomLayer,
  index: number,
  value: GraphValue,
  outputs: readonly GraphValue[],
  parameter: ParameterSource,
): GraphValue {
  if (layer.op === "conv" || layer.op === "convTranspose") {
    const inputs = [parameter(`w${index}`, layer.weights.shape, layer.weights.values)];
    if (layer.bias !== null) inputs.push(parameter(`b${index}`, [layer.bias.length], layer.bias));
    return graph.add(layer.op === "conv" ? "Conv" : "ConvTranspose", [value, ...inputs], {
      kernel_shape: [layer.kernel, layer.kernel],
      strides: [layer.stride, layer.stride],
      pads: [layer.pad, layer.pad, layer.pad, layer.pad],
    });
  }
  if (layer.op === "skip") return graph.add("Concat", [value, outputs[layer.from]], { axis: 1 });
  if (layer.op === "upsample") {
    return graph.add("Resize", [value, undefined, graph.constant("F32", [1, 1, 2, 2], [4])], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
  }
  if (layer.op === "maxPool" || layer.op === "averagePool") {
    const opType = layer.op === "maxPool" ? "MaxPool" : "AveragePool";
    return graph.add(opType, [value], { kernel_shape: [2, 2], strides: [2, 2] });
  }
  const opTypes = {
    relu: "Relu",
    leakyRelu: "LeakyRelu",
    sigmoid: "Sigmoid",
    tanh: "Tanh",
    softplus: "Softplus",
  };
  return graph.add(opTypes[layer.op], [value]);
}
