// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GraphBuilder } from "../graph-builder.ts";
import { fixedShape, type GraphValue } from "../graph-value.ts";
import { intAttribute } from "../node-attributes.ts";
import type { OnnxNode } from "../onnx-model.ts";
import { pixelRepetition } from "../pixel-repetition.ts";
import { windowFromNode } from "../window-geometry.ts";

/**
 * Which rows of a 3-row kernel fall on the two rows of the small image that an even (first pair) or odd output row
 * sees: three neighbouring rows of an image whose rows are doubled are two rows of the image itself.
 */
const FOLDS = [
  [
    [1, 0, 0],
    [0, 1, 1],
  ],
  [
    [1, 1, 0],
    [0, 0, 1],
  ],
] as const;

/**
 * Adds a 3x3 convolution of a doubled image without ever doubling it, or returns `undefined` when the node is none.
 *
 * Each of the four output pixels that lie on one small pixel is a 2x2 convolution of the small image, whose
 * weights are sums of the nine; so 16 products do the work of 36, and their gradients likewise. Where the doubled
 * image is joined with others before, those are convolved as they are and the results added. The result is the
 * same but for rounding.
 */
export function addUpsampledConvolution(
  graph: GraphBuilder,
  node: OnnxNode,
  inputs: readonly (GraphValue | undefined)[],
): GraphValue | undefined {
  const [image, weights, bias] = inputs;
  if (image === undefined || weights === undefined || !isPlainThreeByThree(node, weights)) return undefined;
  const parts = joinedImages(graph, image);
  if (parts.every((part) => doubledImage(graph, part) === undefined)) return undefined;
  let channel = 0;
  let remainingBias = bias;
  const results = parts.map((part) => {
    const [, count = 0] = fixedShape(part);
    const own = cutChannels(graph, weights, channel, count);
    channel += count;
    const small = doubledImage(graph, part);
    if (small !== undefined) return convolveDoubled(graph, small, own);
    const result = graph.add("Conv", [part, own, remainingBias], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
    });
    remainingBias = undefined;
    return result;
  });
  const sum = results.reduce((left, right) => graph.add("Add", [left, right]));
  if (remainingBias === undefined) return sum;
  return graph.add("Add", [sum, graph.add("Reshape", [remainingBias, graph.integers([1, -1, 1, 1])])]);
}

function isPlainThreeByThree(node: OnnxNode, weights: GraphValue): boolean {
  if (node.opType !== "Conv" || node.domain !== "" || weights.shape.length !== 4) return false;
  const { kernel, strides, dilations, padsBefore, padsAfter } = windowFromNode(node, weights.shape.slice(2));
  return (
    intAttribute(node, "group", 1) === 1 &&
    kernel.every((size) => size === 3) &&
    [...strides, ...dilations, ...padsBefore, ...padsAfter].every((size) => size === 1)
  );
}

/** The images that were joined along their channels to make `image`, or itself alone. */
function joinedImages(graph: GraphBuilder, image: GraphValue): readonly GraphValue[] {
  const node = graph.producer(image);
  const isJoined = node?.opType === "Concat" && [1, -3].includes(intAttribute(node, "axis", 0));
  return isJoined ? node.inputs.map((name) => graph.value(name)) : [image];
}

/** The image whose pixels were doubled to make `image`, if one was. */
function doubledImage(graph: GraphBuilder, image: GraphValue): GraphValue | undefined {
  const node = graph.producer(image);
  if (node?.opType !== "Resize") return undefined;
  const small = graph.value(node.inputs[0] ?? "");
  const repetition = pixelRepetition(node, small, image);
  return repetition?.rows === 2 && repetition.columns === 2 ? small : undefined;
}

function cutChannels(graph: GraphBuilder, weights: GraphValue, start: number, count: number): GraphValue {
  if (weights.shape[1] === count) return weights;
  return graph.add("Slice", [
    weights,
    graph.integers([start]),
    graph.integers([start + count]),
    graph.integers([1]),
  ]);
}

function convolveDoubled(graph: GraphBuilder, small: GraphValue, weights: GraphValue): GraphValue {
  const [, , height = 0, width = 0] = fixedShape(small);
  const windows = graph.add("Conv", [small, foldWeights(graph, weights)], {
    kernel_shape: [2, 2],
    pads: [1, 1, 1, 1],
  });
  const [, count = 0] = fixedShape(windows);
  const parities = graph.addAll(
    "Split",
    [windows, graph.integers(Array(4).fill(count / 4))],
    { axis: 1 },
    { outputs: 4 },
  );
  // There is one more window than pixels per axis; an even output row belongs to the window before its pixel.
  const placed = parities.map((value, parity) => {
    const [row, column] = [parity >> 1, parity & 1];
    return graph.add("Slice", [
      value,
      graph.integers([row, column]),
      graph.integers([row + height, column + width]),
      graph.integers([2, 3]),
    ]);
  });
  return graph.add("DepthToSpace", [graph.add("Concat", placed, { axis: 1 })], { blocksize: 2, mode: "DCR" });
}

/** Sums `[co, ci, 3, 3]` to `[4 co, ci, 2, 2]`: a 2x2 kernel for each parity of output row and column. */
function foldWeights(graph: GraphBuilder, weights: GraphValue): GraphValue {
  const [co = 0, ci = 0] = fixedShape(weights);
  const matrix = [0, 1, 2].flatMap((p) =>
    [0, 1, 2].flatMap((q) =>
      FOLDS.flatMap((rows) =>
        FOLDS.flatMap((columns) =>
          rows.flatMap((row) => columns.map((column) => (row[p] ?? 0) * (column[q] ?? 0))),
        ),
      ),
    ),
  );
  const flat = graph.add("Reshape", [weights, graph.integers([co * ci, 9])]);
  const folded = graph.add("MatMul", [flat, graph.constant(weights.elementType, matrix, [9, 16])]);
  const split = graph.add("Reshape", [folded, graph.integers([co, ci, 4, 2, 2])]);
  const ordered = graph.add("Transpose", [split], { perm: [2, 0, 1, 3, 4] });
  return graph.add("Reshape", [ordered, graph.integers([4 * co, ci, 2, 2])]);
}
