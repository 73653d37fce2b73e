// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { elementCount, fixedShape } from "../graph-value.ts";
import { unsupported } from "../node-attributes.ts";
import { type WindowGeometry, windowFromNode } from "../window-geometry.ts";
import type { GradientContext, GradientRule } from "./gradient-rule.ts";

/** Gives each pixel its block's gradient divided by the block's size. */
const averagePool: GradientRule = (context) => {
  const { graph, gradient } = context;
  const [rows, columns] = wholeBlocks(context).kernel;
  const scaled = graph.add("Mul", [gradient, graph.scalar(1 / (rows * columns), gradient)]);
  const scales = graph.constant("F32", [1, 1, rows, columns], [4]);
  return [
    graph.add("Resize", [scaled, undefined, scales], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    }),
  ];
};

const globalAveragePool: GradientRule = ({ graph, gradient, input }) => {
  const shape = fixedShape(input(0));
  const scaled = graph.add("Mul", [gradient, graph.scalar(1 / elementCount(shape.slice(2)), gradient)]);
  return [graph.add("Expand", [scaled, graph.integers(shape)])];
};

/** Puts each block's gradient at its largest pixel, which the pooling is asked for once more. */
const maxPool: GradientRule = (context) => {
  const { graph, node, gradient } = context;
  const window = wholeBlocks(context);
  const shape = graph.integers(fixedShape(context.input(0)));
  const attributes = { kernel_shape: window.kernel, strides: window.strides };
  const [, indices] = graph.addAll("MaxPool", [context.input(0)], attributes, { outputs: 2 });
  if (indices === undefined) return unsupported(node, "gives no indices");
  return [graph.add("MaxUnpool", [gradient, indices, shape], attributes)];
};

/** Reads the window of a pooling that cuts the image into whole blocks. */
function wholeBlocks(context: GradientContext): WindowGeometry {
  const { node } = context;
  const window = windowFromNode(node, []);
  const [, , height = 0, width = 0] = fixedShape(context.input(0));
  const [rows, columns] = window.kernel;
  const pads = [...window.padsBefore, ...window.padsAfter];
  const isWhole =
    window.strides[0] === rows &&
    window.strides[1] === columns &&
    height % rows === 0 &&
    width % columns === 0 &&
    pads.every((size) => size === 0) &&
    window.dilations.every((size) => size === 1);
  return isWhole
    ? window
    : unsupported(node, "has windows that overlap or leave a rest; only whole blocks have a gradient");
}

/** Gradients of operators that fold blocks of pixels. */
export const poolGradients: Readonly<Record<string, GradientRule>> = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  MaxPool: maxPool,
};
