// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { DocumentIssue, TensorLayout } from "@rmtc/spec";
import { agrees, axisSize } from "./axis-size.ts";

type Quantity = NonNullable<TensorLayout["quantity"]>;

interface QuantityRule {
  readonly dtypes: RegExp;
  /** Labels that must be there, with the sizes that are allowed; any size where the list is empty. */
  readonly axes: Readonly<Record<string, readonly number[]>>;
  readonly required: readonly (keyof TensorLayout)[];
}

const real = /^(F64|F32|F16|BF16)$/;
const whole = /^[IU]/;

/** The table of quantities in tensor-layout.md. */
const rules: Readonly<Record<Quantity, QuantityRule>> = {
  point: { dtypes: real, axes: { c: [3] }, required: [] },
  vector: { dtypes: real, axes: { c: [3] }, required: [] },
  normal: { dtypes: real, axes: { c: [3] }, required: [] },
  uv: { dtypes: real, axes: { c: [2] }, required: ["origin"] },
  motion: { dtypes: real, axes: { h: [], w: [], c: [2] }, required: ["origin"] },
  pixel: { dtypes: real, axes: { c: [2] }, required: ["origin", "pixelCenter"] },
  index: { dtypes: whole, axes: {}, required: [] },
  count: { dtypes: whole, axes: {}, required: [] },
  matrix: { dtypes: real, axes: { r: [3, 4], s: [3, 4] }, required: ["matrixConvention", "transform"] },
};

/** Quantities of three components that turn with the frame of reference they are given in. */
export const directions: ReadonlySet<TensorLayout["quantity"]> = new Set(["point", "vector", "normal"]);

/** Gives the first thing in which a layout differs from what its quantity asks for, or `undefined`. */
export function findQuantityIssue(layout: TensorLayout): DocumentIssue | undefined {
  const { quantity } = layout;
  if (quantity === undefined) return undefined;
  const rule = rules[quantity];
  if (!rule.dtypes.test(layout.dtype)) {
    return { pointer: "/dtype", message: `is of ${layout.dtype}, which holds no ${quantity}` };
  }
  for (const [label, sizes] of Object.entries(rule.axes)) {
    const size = axisSize(layout, label);
    if (size === undefined) return { pointer: "/axes", message: `has no axis "${label}" for a ${quantity}` };
    if (sizes.length > 0 && !sizes.some((wanted) => agrees(size, wanted))) {
      const pointer = `/shape/${layout.axes.indexOf(label)}`;
      return {
        pointer,
        message: `has ${size} elements on axis "${label}", where a ${quantity} has ${sizes}`,
      };
    }
  }
  const { colorInteropId } = layout;
  if (colorInteropId !== undefined && colorInteropId !== "data") {
    return { pointer: "/colorInteropId", message: `gives a ${quantity} a colour space` };
  }
  if (directions.has(quantity) && layout.space !== undefined && layout.cameraFrame !== undefined) {
    return { pointer: "/cameraFrame", message: `puts a ${quantity} into two frames of reference` };
  }
  const missing = [...rule.required, ...frameFields(layout)].find((field) => layout[field] === undefined);
  if (missing !== undefined) return { pointer: "", message: `has no "${missing}" for a ${quantity}` };
  return undefined;
}

/** Names the fields that say in which frames of reference the values are. */
function frameFields(layout: TensorLayout): (keyof TensorLayout)[] {
  const { quantity, transform } = layout;
  if (directions.has(quantity)) return layout.cameraFrame === undefined ? ["space"] : [];
  const sides = transform === undefined ? [] : [transform.from, transform.to];
  return [
    ...(sides.includes("world") || sides.includes("object") ? (["space"] as const) : []),
    ...(sides.includes("camera") ? (["cameraFrame"] as const) : []),
    ...(sides.includes("pixel") ? (["origin", "pixelCenter"] as const) : []),
  ];
}
