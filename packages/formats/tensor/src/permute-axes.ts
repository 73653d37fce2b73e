// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Tensor } from "./tensor.ts";
import { transposeTensor } from "./transpose-tensor.ts";
import { requireLayout } from "./validate-layout.ts";

/**
 * Brings a tensor's axes into the order of `axes`, bit for bit, and its layout with them.
 *
 * `permuteAxes(image, ["c", "h", "w"])` makes HWC to CHW; the way back is `["h", "w", "c"]`.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the tensor has no layout that fits, or `axes` are not its labels.
 * @throws RMTC_FORMAT_UNSUPPORTED for elements of 4 or 6 bits.
 */
export function permuteAxes(tensor: Tensor, axes: readonly string[]): Tensor {
  const layout = requireLayout(tensor);
  const order = axes.map((label) => layout.axes.indexOf(label));
  if (axes.length !== layout.axes.length || order.includes(-1) || new Set(order).size !== order.length) {
    const message = `The tensor has axes ${layout.axes.join(",")}; they cannot become ${axes.join(",")}.`;
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", message);
  }
  const { dtype, shape, data } = transposeTensor(tensor, order);
  return { dtype, shape, data, layout: { ...layout, shape: [...shape], axes: [...axes] } };
}
