// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { GraphBuilder, type GraphValue, type OnnxModel, tensorFromNumbers } from "@rmtc/onnx";
import type { NetworkName } from "../../fixture.ts";

/** Size of the blocks of the network `blocks`. */
export const blockSize = 4;

const sizes = ["rows", "columns"] as const;

/** The networks of the suite as ONNX models; `Fixture` says what each computes. */
export const onnxNetworks: Readonly<Record<NetworkName, () => OnnxModel>> = {
  affine: () => affineNetwork(),
  pair() {
    const graph = new GraphBuilder();
    const [a, b] = [graph.input("a", "F32", [1, 1, ...sizes]), graph.input("b", "F32", [1, 1, ...sizes])];
    graph.output(graph.add("Add", [a, b]), "sum");
    graph.output(graph.add("Sub", [a, b]), "difference");
    return graph.finish();
  },
  blocks() {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", [1, 1, ...sizes]);
    const shape = [blockSize, blockSize];
    const means = graph.add("AveragePool", [x], { kernel_shape: shape, strides: shape });
    const scales = graph.constant("F32", [1, 1, ...shape], [4]);
    const nearest = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
    graph.output(graph.add("Resize", [means, undefined, scales], nearest), "y");
    return graph.finish();
  },
  blurred: () => blurredNetwork(),
  slow() {
    const graph = new GraphBuilder();
    let value: GraphValue = graph.input("x", "F32", [1, 1, ...sizes]);
    for (let layer = 0, from = 1; layer < 13; layer++, from = 32) value = convolve(graph, value, from, 32, 7);
    graph.output(value, "y");
    return graph.finish();
  },
  whole() {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", [1, 1, ...sizes]);
    graph.output(graph.add("Sub", [x, graph.add("GlobalAveragePool", [x])]), "y");
    return graph.finish();
  },
};

/** Makes the network `affine`, with entries of metadata. */
export function affineNetwork(metadata: Readonly<Record<string, string>> = {}): OnnxModel {
  const graph = new GraphBuilder();
  const x = graph.input("x", "F32", [1, 2, ...sizes]);
  const factor = graph.initializer(tensorFromNumbers("factor", "F32", [2], [1]));
  const doubled = graph.add("Mul", [x, factor]);
  graph.output(graph.add("Add", [doubled, graph.scalar(1, doubled)]), "y");
  return graph.finish({ metadata: new Map(Object.entries(metadata)) });
}

/** Makes the network `affine` with its factor in another file. */
export function externalNetwork(location: string): OnnxModel {
  const model = affineNetwork();
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.name !== "factor") return tensor;
    const { data: _, ...rest } = tensor;
    return { ...rest, external: { location, offset: 0, length: 4 } };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

/** Makes the network `affine` with an operator that nobody has. */
export function unknownOperatorNetwork(): OnnxModel {
  const model = affineNetwork();
  const nodes = model.graph.nodes.map((node) => (node.opType === "Mul" ? { ...node, opType: "Mull" } : node));
  return { ...model, graph: { ...model.graph, nodes } };
}

/** Makes a network that moves the channels of an image last, and passes a list of numbers through. */
export function movedNetwork(): OnnxModel {
  const graph = new GraphBuilder();
  const x = graph.input("x", "F32", [1, 2, ...sizes]);
  const numbers = graph.input("numbers", "F32", [3]);
  graph.output(graph.add("Transpose", [x], { perm: [0, 2, 3, 1] }), "moved");
  graph.output(graph.add("Mul", [numbers, graph.scalar(2, numbers)]), "twice");
  return graph.finish();
}

/** Makes the network `blurred` with a second output `places` that lists where its image is not zero. */
export function placesNetwork(): OnnxModel {
  const { graph, ...model } = blurredNetwork();
  const x = graph.inputs[0]?.name ?? "";
  const node = {
    name: "places",
    opType: "NonZero",
    domain: "",
    inputs: [x],
    outputs: ["places"],
    attributes: new Map(),
  };
  const places = { name: "places", tensor: { elementType: "I64", shape: [4, "count"] } } as const;
  return {
    ...model,
    graph: { ...graph, nodes: [...graph.nodes, node], outputs: [...graph.outputs, places] },
  };
}

function blurredNetwork(): OnnxModel {
  const graph = new GraphBuilder();
  const x = graph.input("x", "F32", [1, 1, ...sizes]);
  graph.output(convolve(graph, x, 1, 1, 3), "y");
  return graph.finish();
}

/** A convolution whose weights are all the same, so that it gives the mean of what it sees. */
function convolve(
  graph: GraphBuilder,
  value: GraphValue,
  from: number,
  to: number,
  kernel: number,
): GraphValue {
  const count = from * kernel * kernel;
  const numbers = new Float32Array(to * count).fill(1 / count);
  const weights = graph.initializer(
    tensorFromNumbers(graph.uniqueName("weights"), "F32", numbers, [to, from, kernel, kernel]),
  );
  const side = (kernel - 1) / 2;
  return graph.add("Conv", [value, weights], {
    kernel_shape: [kernel, kernel],
    pads: [side, side, side, side],
  });
}
