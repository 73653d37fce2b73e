// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { rearrangeSlices } from "./rearrange-slices.ts";
import type { Tensor } from "./tensor.ts";
import { requireLayout } from "./validate-layout.ts";

/**
 * Reverses the corners of every face, of which the first stays first, so that the winding is the other one.
 *
 * Twice is no change. The mesh is what it was; programs differ in which order of corners is a front.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the tensor has no layout that fits, or is no index of faces `[…, k]` with a
 * known winding.
 */
export function reverseWinding(tensor: Tensor): Tensor {
  const layout = requireLayout(tensor);
  const axis = layout.axes.indexOf("k");
  if (layout.winding === undefined || layout.quantity !== "index" || axis < 0) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      'Only an index of faces with an axis "k" and a winding can be reversed.',
    );
  }
  const corners = tensor.shape[axis] as number;
  const sources = Array.from({ length: corners }, (_, corner) => ({
    from: (corners - corner) % corners,
    negate: false,
  }));
  const winding = layout.winding === "clockwise" ? "counterClockwise" : "clockwise";
  return { ...rearrangeSlices(tensor, axis, sources), layout: { ...layout, winding } };
}
