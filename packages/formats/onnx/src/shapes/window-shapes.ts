// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { intAttribute, intsAttribute, unsupported } from "../node-attributes.ts";
import type { OnnxDimension } from "../onnx-model.ts";
import { requireOneGroup, windowCount, windowFromNode, windowReach } from "../window-geometry.ts";
import { type InferRule, requireRank } from "./infer-rule.ts";

const conv: InferRule = (context) => {
  const { node } = context;
  requireOneGroup(node);
  const x = requireRank(context, 0, 4);
  const w = requireRank(context, 1, 4);
  const window = windowFromNode(node, w.shape.slice(2));
  if (typeof x.shape[1] === "number" && x.shape[1] !== w.shape[1]) {
    unsupported(node, `has weights for ${w.shape[1]} channels, but takes ${x.shape[1]}`);
  }
  const rows = windowCount(x.shape[2], window, 0);
  const columns = windowCount(x.shape[3], window, 1);
  if ((typeof rows === "number" && rows < 1) || (typeof columns === "number" && columns < 1)) {
    unsupported(node, "has an input smaller than its kernel");
  }
  return [{ elementType: x.elementType, shape: [x.shape[0], w.shape[0], rows, columns] }];
};

const convTranspose: InferRule = (context) => {
  const { node } = context;
  requireOneGroup(node);
  const x = requireRank(context, 0, 4);
  const w = requireRank(context, 1, 4);
  const window = windowFromNode(node, w.shape.slice(2));
  const outputPadding = intsAttribute(node, "output_padding") ?? [0, 0];
  const grow = (axis: 0 | 1): OnnxDimension => {
    const size = x.shape[axis + 2];
    if (typeof size !== "number") return undefined;
    const reach = windowReach(window, axis);
    const padding = window.padsBefore[axis] + window.padsAfter[axis];
    return window.strides[axis] * (size - 1) + reach - padding + (outputPadding[axis] ?? 0);
  };
  return [{ elementType: x.elementType, shape: [x.shape[0], w.shape[1], grow(0), grow(1)] }];
};

const pool: InferRule = (context) => {
  const { node } = context;
  const x = requireRank(context, 0, 4);
  const window = windowFromNode(node, []);
  const ceil = intAttribute(node, "ceil_mode", 0) === 1;
  const rows = windowCount(x.shape[2], window, 0, ceil);
  const columns = windowCount(x.shape[3], window, 1, ceil);
  const shape = [x.shape[0], x.shape[1], rows, columns];
  return [
    { elementType: x.elementType, shape },
    { elementType: "I64", shape },
  ];
};

const maxUnpool: InferRule = (context) => {
  const x = requireRank(context, 0, 4);
  return [
    { elementType: x.elementType, shape: context.numbers(2) ?? [undefined, undefined, undefined, undefined] },
  ];
};

const globalPool: InferRule = (context) => {
  const x = requireRank(context, 0, 4);
  return [{ elementType: x.elementType, shape: [x.shape[0], x.shape[1], 1, 1] }];
};

/** Operators that slide a window over images `[n, c, h, w]`. */
export const windowShapes: Readonly<Record<string, InferRule>> = {
  AveragePool: pool,
  Conv: conv,
  ConvTranspose: convTranspose,
  GlobalAveragePool: globalPool,
  MaxPool: pool,
  MaxUnpool: maxUnpool,
};
