// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type TensorLayout, validateDocument } from "@rmtc/spec";
import type { Tensor } from "./tensor.ts";

/**
 * Gives the first thing that is wrong with a layout for this tensor, as a sentence, or `undefined`.
 *
 * @see spec/draft/schemas/tensor-layout.schema.json
 */
export function validateLayout(layout: TensorLayout, tensor: Omit<Tensor, "data">): string | undefined {
  const issue = validateDocument("tensorLayout", layout);
  if (issue !== undefined) return `The layout ${issue.message} at "${issue.pointer}".`;
  if (layout.dtype !== tensor.dtype) return `The layout says ${layout.dtype}; the tensor is ${tensor.dtype}.`;
  const sameShape =
    layout.shape.length === tensor.shape.length &&
    layout.shape.every((size, axis) => size === tensor.shape[axis]);
  if (!sameShape) return `The layout has shape [${layout.shape}]; the tensor has [${tensor.shape}].`;
  if (layout.axes.length !== layout.shape.length) {
    return `The layout labels ${layout.axes.length} axes; its shape has ${layout.shape.length}.`;
  }
  const twice = layout.axes.find((label, axis) => label !== "x" && layout.axes.indexOf(label) !== axis);
  if (twice !== undefined) return `The layout labels two axes "${twice}".`;
  const channels = sizeOf(layout, "c");
  if (layout.channels !== undefined && layout.channels.length !== channels) {
    return `The layout names ${layout.channels.length} channels; axis "c" has ${channels ?? "no place"}.`;
  }
  const { dataWindow } = layout;
  if (dataWindow !== undefined) {
    const width = sizeOf(layout, "w");
    const height = sizeOf(layout, "h");
    const windowWidth = dataWindow.maxX - dataWindow.minX + 1;
    const windowHeight = dataWindow.maxY - dataWindow.minY + 1;
    if ((width ?? windowWidth) !== windowWidth || (height ?? windowHeight) !== windowHeight) {
      return `The data window has ${windowWidth}x${windowHeight} pixels; the tensor has ${width}x${height}.`;
    }
  }
  return undefined;
}

/**
 * Gives a tensor's layout once it is known to fit.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the tensor has no layout, or one that says something else.
 */
export function requireLayout(tensor: Tensor): TensorLayout {
  const { layout } = tensor;
  const issue = layout === undefined ? "The tensor has no layout." : validateLayout(layout, tensor);
  if (layout === undefined || issue !== undefined) throw new RmtcError("RMTC_LAYOUT_MISMATCH", `${issue}`);
  return layout;
}

function sizeOf(layout: TensorLayout, label: string): number | undefined {
  const axis = layout.axes.indexOf(label);
  return axis < 0 ? undefined : layout.shape[axis];
}
