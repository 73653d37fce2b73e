// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { rearrangeSlices } from "./rearrange-slices.ts";
import type { Tensor } from "./tensor.ts";
import { requireLayout } from "./validate-layout.ts";
import { withoutRange } from "./without-range.ts";

/**
 * Turns the rows over, so that a picture with its origin at the top left has it at the bottom left, or back.
 *
 * Windows are counted downwards in either case and stay as they are. The second channel of `motion`, which
 * points along the rows, changes its sign.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the tensor has no layout that fits, or one without `origin` or axis `h`, or
 * holds positions (`uv`, `pixel`), whose values would have to change with the rows.
 * @throws RMTC_FORMAT_UNSUPPORTED for elements of 4 or 6 bits.
 */
export function flipOrigin(tensor: Tensor): Tensor {
  const layout = requireLayout(tensor);
  const { origin, quantity } = layout;
  const axis = layout.axes.indexOf("h");
  if (axis < 0 || origin === undefined || quantity === "uv" || quantity === "pixel") {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      'A layout needs axis "h", an origin, and values other than positions before it can be flipped.',
    );
  }
  const rows = tensor.shape[axis] as number;
  const upended = Array.from({ length: rows }, (_, row) => ({ from: rows - 1 - row, negate: false }));
  const turned = { ...layout, origin: origin === "topLeft" ? "bottomLeft" : "topLeft" } as const;
  const flipped = { ...rearrangeSlices(tensor, axis, upended), layout: turned };
  if (quantity !== "motion") return flipped;
  const downwards = [0, 1].map((from) => ({ from, negate: from === 1 }));
  const signed = rearrangeSlices(flipped, layout.axes.indexOf("c"), downwards);
  return { ...signed, layout: withoutRange(turned) };
}
