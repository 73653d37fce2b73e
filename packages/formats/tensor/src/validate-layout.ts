// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { TensorLayout } from "@rmtc/spec";
import { findLayoutIssue } from "./layout-issue.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Gives the first thing that is wrong with a layout for this tensor, as a sentence, or `undefined`.
 *
 * @see spec/draft/tensor-layout.md
 */
export function validateLayout(layout: TensorLayout, tensor: Omit<Tensor, "data">): string | undefined {
  const issue = findLayoutIssue(layout);
  if (issue !== undefined) return `The layout ${issue.message} at "${issue.pointer}".`;
  if (layout.dtype !== tensor.dtype) return `The layout says ${layout.dtype}; the tensor is ${tensor.dtype}.`;
  const sameShape =
    layout.shape.length === tensor.shape.length &&
    layout.shape.every((size, axis) => size === tensor.shape[axis]);
  if (!sameShape) return `The layout has shape [${layout.shape}]; the tensor has [${tensor.shape}].`;
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
