// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { elementCount, fixedShape, type GraphValue, resolveAxis } from "../graph-value.ts";
import { intAttribute, intsAttribute, stringAttribute, unsupported } from "../node-attributes.ts";
import { pixelRepetition } from "../pixel-repetition.ts";
import { sliceFromNumbers } from "../slice-geometry.ts";
import type { GradientContext, GradientRule } from "./gradient-rule.ts";
import { sumToShape } from "./sum-to-shape.ts";

/** Splits the gradient where the inputs were joined. */
const concat: GradientRule = (context) => {
  const { graph, node, gradient } = context;
  const axis = resolveAxis(intAttribute(node, "axis", 0), gradient.shape.length);
  const sizes = node.inputs.map((_, index) => fixedShape(context.input(index))[axis] ?? 0);
  return graph.addAll("Split", [gradient, graph.integers(sizes)], { axis }, { outputs: sizes.length });
};

const split: GradientRule = (context) => {
  const { graph, node } = context;
  const parts = context.gradients.map((gradient, index) => gradient ?? zeros(context, context.output(index)));
  return [graph.add("Concat", parts, { axis: intAttribute(node, "axis", 0) })];
};

const transpose: GradientRule = ({ graph, node, gradient, input }) => {
  const rank = input(0).shape.length;
  const order = intsAttribute(node, "perm") ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return [graph.add("Transpose", [gradient], { perm: inverse })];
};

/** Serves every operator that only renames axes. */
const reshape: GradientRule = ({ graph, gradient, input }) => [
  graph.add("Reshape", [gradient, graph.integers(fixedShape(input(0)))]),
];

/** Puts the gradient back into zeros; steps other than 1 and -1 are refused. */
const slice: GradientRule = (context) => {
  const { graph, node } = context;
  const shape = fixedShape(context.input(0));
  const ranges = sliceFromNumbers(node, shape, {
    starts: context.numbers(1) ?? unsupported(node, "starts at no constant"),
    ends: context.numbers(2) ?? unsupported(node, "ends at no constant"),
    axes: context.numbers(3),
    steps: context.numbers(4),
  });
  let gradient = context.gradient;
  const reversed = [...ranges].filter(([, range]) => range.step === -1).map(([axis]) => axis);
  if (reversed.length > 0) gradient = reverse(context, gradient, reversed);
  const before = shape.map(() => 0);
  const after = shape.map(() => 0);
  for (const [axis, { start, step, count }] of ranges) {
    if (step !== 1 && step !== -1) unsupported(node, `has step ${step}; only 1 and -1 have a gradient`);
    before[axis] = step === 1 ? start : start - count + 1;
    after[axis] = (shape[axis] ?? 0) - count - (before[axis] ?? 0);
  }
  return [graph.add("Pad", [gradient, graph.integers([...before, ...after])])];
};

/** Cuts the padding off again. */
const pad: GradientRule = (context) => {
  const { graph, node } = context;
  if (stringAttribute(node, "mode", "constant") !== "constant") unsupported(node, "pads with image content");
  const pads = context.numbers(1) ?? unsupported(node, "pads by no constant");
  const shape = fixedShape(context.input(0));
  if (pads.some((size) => size < 0)) unsupported(node, "pads by a negative number");
  const starts = pads.slice(0, shape.length);
  const ends = shape.map((size, axis) => size + (starts[axis] ?? 0));
  return [graph.add("Slice", [context.gradient, graph.integers(starts), graph.integers(ends)])];
};

const expand: GradientRule = ({ graph, gradient, input }) => [sumToShape(graph, gradient, input(0))];

/** Sums each block of pixels that came from one pixel: the mean by `AveragePool`, times the block's size. */
const resize: GradientRule = ({ graph, node, gradient, input }) => {
  const { rows, columns } =
    pixelRepetition(node, input(0), gradient) ??
    unsupported(node, "resizes otherwise than by repeating each pixel a whole number of times");
  const window = { kernel_shape: [rows, columns], strides: [rows, columns] };
  const mean = graph.add("AveragePool", [gradient], window);
  return [graph.add("Mul", [mean, graph.scalar(rows * columns, mean)])];
};

const depthToSpace: GradientRule = ({ graph, node, gradient }) => {
  if (stringAttribute(node, "mode", "DCR") !== "DCR") unsupported(node, "has a mode other than DCR");
  return [graph.add("SpaceToDepth", [gradient], { blocksize: intAttribute(node, "blocksize", 1) })];
};

const spaceToDepth: GradientRule = ({ graph, node, gradient }) => [
  graph.add("DepthToSpace", [gradient], { blocksize: intAttribute(node, "blocksize", 1), mode: "DCR" }),
];

/** Reverses `value` along `axes`. */
function reverse({ graph }: GradientContext, value: GraphValue, axes: readonly number[]): GraphValue {
  const shape = fixedShape(value);
  return graph.add("Slice", [
    value,
    graph.integers(axes.map((axis) => (shape[axis] ?? 0) - 1)),
    graph.integers(axes.map((axis) => -(shape[axis] ?? 0) - 1)),
    graph.integers(axes),
    graph.integers(axes.map(() => -1)),
  ]);
}

function zeros({ graph }: GradientContext, like: GraphValue): GraphValue {
  const shape = fixedShape(like);
  return elementCount(shape) === 0
    ? graph.constant(like.elementType, [], shape)
    : graph.add("Expand", [graph.scalar(0, like), graph.integers(shape)]);
}

/** Gradients of operators that move elements without changing them. */
export const movementGradients: Readonly<Record<string, GradientRule>> = {
  Concat: concat,
  DepthToSpace: depthToSpace,
  Expand: expand,
  Flatten: reshape,
  Pad: pad,
  Reshape: reshape,
  Resize: resize,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: reshape,
  Transpose: transpose,
  Unsqueeze: reshape,
};
