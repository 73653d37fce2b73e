// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { elementCount, type GraphValue, resolveAxis } from "../graph-value.ts";
import { intAttribute, intsAttribute, unsupported } from "../node-attributes.ts";
import type { OnnxDimension } from "../onnx-model.ts";
import { axesFromNode } from "../reduction-axes.ts";
import { sliceFromNumbers } from "../slice-geometry.ts";
import { broadcastShapes } from "./elementwise-shapes.ts";
import {
  type InferRule,
  type InferredType,
  requireInput,
  requireNumbers,
  requireRank,
} from "./infer-rule.ts";

const concat: InferRule = (context) => {
  const { node } = context;
  const first = requireInput(context, 0);
  const axis = resolveAxis(intAttribute(node, "axis", 0), first.shape.length);
  const shape: OnnxDimension[] = [...first.shape];
  for (let index = 1; index < context.inputs.length; index++) {
    const next = requireInput(context, index);
    if (next.shape.length !== shape.length) unsupported(node, "joins tensors of different rank");
    for (const [at, size] of next.shape.entries()) {
      const joined = shape[at];
      if (at === axis)
        shape[at] = typeof joined === "number" && typeof size === "number" ? joined + size : undefined;
      else if (typeof joined === "number" && typeof size === "number" && joined !== size) {
        unsupported(node, `joins sizes ${joined} and ${size} along axis ${at}`);
      } else if (typeof joined !== "number")
        shape[at] = typeof size === "number" || size === joined ? size : undefined;
    }
  }
  return [{ elementType: first.elementType, shape }];
};

const split: InferRule = (context) => {
  const { node } = context;
  const x = requireInput(context, 0);
  const axis = resolveAxis(intAttribute(node, "axis", 0), x.shape.length);
  const size = x.shape[axis];
  const count = node.outputs.length;
  const parts =
    context.numbers(1) ?? (typeof size === "number" ? Array.from({ length: count }, () => size / count) : []);
  if (parts.length !== count || !parts.every(Number.isInteger))
    unsupported(node, "splits into sizes not known here");
  if (typeof size === "number" && parts.reduce((sum, part) => sum + part, 0) !== size) {
    unsupported(node, `splits ${size} into parts of another sum`);
  }
  return parts.map((part) => ({ elementType: x.elementType, shape: x.shape.with(axis, part) }));
};

const transpose: InferRule = (context) => {
  const x = requireInput(context, 0);
  const order = intsAttribute(context.node, "perm") ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  return [{ elementType: x.elementType, shape: order.map((axis) => x.shape[axis]) }];
};

const reshape: InferRule = (context) => {
  const { node } = context;
  const x = requireInput(context, 0);
  const target = requireNumbers(context, 1);
  const shape = target.map((size, axis): OnnxDimension => (size === 0 ? x.shape[axis] : size));
  const open = shape.indexOf(-1);
  const known = x.shape.filter((size) => typeof size === "number");
  if (known.length < x.shape.length)
    return [{ elementType: x.elementType, shape: shape.map((size) => (size === -1 ? undefined : size)) }];
  const total = elementCount(known);
  const fixed = elementCount(shape.filter((size): size is number => typeof size === "number" && size !== -1));
  if (open >= 0) shape[open] = total / fixed;
  if (open >= 0 ? !Number.isInteger(total / fixed) : total !== fixed) {
    unsupported(node, `cannot turn [${x.shape.join(", ")}] into [${target.join(", ")}]`);
  }
  return [{ elementType: x.elementType, shape }];
};

const flatten: InferRule = (context) => {
  const x = requireInput(context, 0);
  const axis = resolveAxis(intAttribute(context.node, "axis", 1), x.shape.length);
  const fold = (sizes: readonly OnnxDimension[]): OnnxDimension => {
    const known = sizes.filter((size) => typeof size === "number");
    return known.length === sizes.length ? elementCount(known) : undefined;
  };
  return [{ elementType: x.elementType, shape: [fold(x.shape.slice(0, axis)), fold(x.shape.slice(axis))] }];
};

const squeeze: InferRule = (context) => {
  const x = requireInput(context, 0);
  const axes = axesFromNode(context.node, x.shape.length, context.numbers(1));
  const shape = x.shape.filter((size, axis) => (axes === undefined ? size !== 1 : !axes.includes(axis)));
  return [{ elementType: x.elementType, shape }];
};

const unsqueeze: InferRule = (context) => {
  const x = requireInput(context, 0);
  const count = (intsAttribute(context.node, "axes") ?? requireNumbers(context, 1)).length;
  const axes = axesFromNode(context.node, x.shape.length + count, context.numbers(1)) ?? [];
  const shape: OnnxDimension[] = [...x.shape];
  for (const axis of axes) shape.splice(axis, 0, 1);
  return [{ elementType: x.elementType, shape }];
};

const slice: InferRule = (context) => {
  const x = requireInput(context, 0);
  const ranges = sliceFromNumbers(context.node, x.shape, {
    starts: requireNumbers(context, 1),
    ends: requireNumbers(context, 2),
    axes: context.numbers(3),
    steps: context.numbers(4),
  });
  const shape = x.shape.map((size, axis) => {
    const range = ranges.get(axis);
    return range === undefined ? size : range.count;
  });
  return [{ elementType: x.elementType, shape }];
};

const pad: InferRule = (context) => {
  const x = requireInput(context, 0);
  const pads = requireNumbers(context, 1);
  const rank = x.shape.length;
  if (pads.length !== rank * 2) unsupported(context.node, "pads a number of axes that is not its input's");
  const shape = x.shape.map((size, axis): OnnxDimension => {
    const grow = (pads[axis] ?? 0) + (pads[axis + rank] ?? 0);
    return typeof size === "number" ? size + grow : grow === 0 ? size : undefined;
  });
  return [{ elementType: x.elementType, shape }];
};

const expand: InferRule = (context) => {
  const x = requireInput(context, 0);
  return [
    { elementType: x.elementType, shape: broadcastShapes(context, x.shape, requireNumbers(context, 1)) },
  ];
};

const resize: InferRule = (context) => {
  const x = requireInput(context, 0);
  const scales = context.numbers(2);
  const sizes = context.numbers(3);
  if (sizes !== undefined) return [{ elementType: x.elementType, shape: sizes }];
  if (scales?.length !== x.shape.length) unsupported(context.node, "needs a constant scale for each axis");
  const shape = x.shape.map((size, axis): OnnxDimension => {
    const scale = scales[axis] ?? 1;
    return typeof size === "number" ? Math.floor(size * scale) : scale === 1 ? size : undefined;
  });
  return [{ elementType: x.elementType, shape }];
};

const depthToSpace: InferRule = (context) => {
  const block = intAttribute(context.node, "blocksize", 1);
  return [blockwise(requireRank(context, 0, 4), 1 / (block * block), block)];
};

const spaceToDepth: InferRule = (context) => {
  const block = intAttribute(context.node, "blocksize", 1);
  return [blockwise(requireRank(context, 0, 4), block * block, 1 / block)];
};

function blockwise({ elementType, shape }: GraphValue, depth: number, space: number): InferredType {
  const times = (size: OnnxDimension, factor: number): OnnxDimension =>
    typeof size === "number" ? size * factor : undefined;
  const [n, c, h, w] = shape;
  return { elementType, shape: [n, times(c, depth), times(h, space), times(w, space)] };
}

/** Operators that move elements without changing them. */
export const movementShapes: Readonly<Record<string, InferRule>> = {
  Concat: concat,
  DepthToSpace: depthToSpace,
  Expand: expand,
  Flatten: flatten,
  Pad: pad,
  Reshape: reshape,
  Resize: resize,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
