// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GraphBuilder } from "../graph-builder.ts";
import { fixedShape, type GraphValue } from "../graph-value.ts";
import { type WindowGeometry, windowReach } from "../window-geometry.ts";

/** Below this many channels the product of a single tap is too thin, and all taps are multiplied at once. */
const FEW_CHANNELS = 8;

/**
 * Derives the weights' gradient of a convolution as one matrix product per kernel tap.
 *
 * For tap (a, b), dW[o, i, a, b] is the product of dY's channel o with X's channel i shifted by (a, b). With one
 * thread onnxruntime runs these products at 70 to 95 GFLOP/s and the obvious convolution of the transposed
 * tensors at 15 to 30, because nine output pixels are too few for it. Either side may be the one that is
 * shifted, which copies it once per tap: it is the thinner one.
 *
 * @param image X, `[n, ci, h, w]`.
 * @param gradient dY, `[n, co, rows, columns]`.
 * @returns dW, `[co, ci, kh, kw]`.
 */
export function convWeightGradient(
  graph: GraphBuilder,
  image: GraphValue,
  gradient: GraphValue,
  window: WindowGeometry,
): GraphValue {
  const [, ci = 0] = fixedShape(image);
  const [, co = 0] = fixedShape(gradient);
  const isUnit = window.strides.every((stride) => stride === 1);
  const products =
    isUnit && co <= ci && reversePads(window).every((size) => size >= 0)
      ? shiftGradient(graph, image, gradient, window)
      : shiftImage(graph, image, gradient, window);
  const [rows, columns] = window.kernel;
  const sum = graph.add("ReduceSum", [products, graph.integers([0])], { keepdims: 0 });
  const taps = graph.add("Reshape", [sum, graph.integers([rows, columns, ci, co])]);
  return graph.add("Transpose", [taps], { perm: [3, 2, 0, 1] });
}

/** Padding that makes a stride-1 convolution of dY reach every pixel of X: before and after, rows and columns. */
export function reversePads(window: WindowGeometry): readonly number[] {
  return [...window.padsBefore, ...window.padsAfter].map(
    (size, index) => windowReach(window, (index % 2) as 0 | 1) - 1 - size,
  );
}

/** Multiplies shifted copies of X with dY; the result is `[n, taps * ci, co]`. */
function shiftImage(
  graph: GraphBuilder,
  image: GraphValue,
  gradient: GraphValue,
  window: WindowGeometry,
): GraphValue {
  const [, ci = 0] = fixedShape(image);
  const [, , rows = 0, columns = 0] = fixedShape(gradient);
  const padded = padImage(graph, image, [...window.padsBefore, ...window.padsAfter]);
  const shifted = tapsOf(window).map(([a, b]) =>
    flattenPixels(
      graph,
      cut(graph, padded, [a * window.dilations[0], b * window.dilations[1]], [rows, columns], window.strides),
    ),
  );
  const flat = flattenPixels(graph, gradient);
  if (ci < FEW_CHANNELS) return multiply(graph, joinChannels(graph, shifted), flat);
  return joinChannels(
    graph,
    shifted.map((tap) => multiply(graph, tap, flat)),
  );
}

/** Multiplies X with shifted copies of dY, for stride 1; the result is `[n, taps * ci, co]`. */
function shiftGradient(
  graph: GraphBuilder,
  image: GraphValue,
  gradient: GraphValue,
  window: WindowGeometry,
): GraphValue {
  const [, , height = 0, width = 0] = fixedShape(image);
  const padded = padImage(graph, gradient, reversePads(window));
  const flat = flattenPixels(graph, image);
  const products = tapsOf(window).map(([a, b]) => {
    const start = [
      (window.kernel[0] - 1 - a) * window.dilations[0],
      (window.kernel[1] - 1 - b) * window.dilations[1],
    ] as const;
    return multiply(graph, flat, flattenPixels(graph, cut(graph, padded, start, [height, width], [1, 1])));
  });
  return joinChannels(graph, products);
}

function tapsOf(window: WindowGeometry): readonly (readonly [number, number])[] {
  const [rows, columns] = window.kernel;
  return Array.from(
    { length: rows * columns },
    (_, tap) => [Math.floor(tap / columns), tap % columns] as const,
  );
}

/** A Bᵀ per image, by onnxruntime's own operator: ONNX's would first copy the transposed matrix. */
function multiply(graph: GraphBuilder, left: GraphValue, right: GraphValue): GraphValue {
  return graph.add("FusedMatMul", [left, right], { transB: 1 }, { domain: "com.microsoft" });
}

function joinChannels(graph: GraphBuilder, parts: readonly GraphValue[]): GraphValue {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : graph.add("Concat", parts, { axis: 1 });
}

function padImage(graph: GraphBuilder, image: GraphValue, pads: readonly number[]): GraphValue {
  if (pads.every((size) => size === 0)) return image;
  return graph.add("Pad", [image, graph.integers([0, 0, ...pads.slice(0, 2), 0, 0, ...pads.slice(2, 4)])]);
}

function cut(
  graph: GraphBuilder,
  image: GraphValue,
  start: readonly [number, number],
  count: readonly [number, number],
  strides: readonly [number, number],
): GraphValue {
  const [, , height, width] = fixedShape(image);
  const ends = [0, 1].map((axis) => (start[axis] ?? 0) + (strides[axis] ?? 1) * ((count[axis] ?? 1) - 1) + 1);
  if (start[0] === 0 && start[1] === 0 && count[0] === height && count[1] === width) return image;
  return graph.add("Slice", [
    image,
    graph.integers(start),
    graph.integers(ends),
    graph.integers([2, 3]),
    graph.integers(strides),
  ]);
}

/** `[n, c, h, w]` to `[n, c, h * w]`. */
function flattenPixels(graph: GraphBuilder, image: GraphValue): GraphValue {
  const [n = 0, c = 0] = fixedShape(image);
  return graph.add("Reshape", [image, graph.integers([n, c, -1])]);
}
