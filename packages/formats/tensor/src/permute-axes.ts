// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type Tensor, tensorBytes, tensorFromBytes } from "./tensor.ts";
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

/**
 * Turns the rows over, so that a picture with its origin at the top left has it at the bottom left, or back.
 *
 * Windows are counted downwards in either case and stay as they are.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the tensor has no layout that fits, or one without `origin` or axis `h`.
 * @throws RMTC_FORMAT_UNSUPPORTED for elements of 4 or 6 bits.
 */
export function flipOrigin(tensor: Tensor): Tensor {
  const layout = requireLayout(tensor);
  const axis = layout.axes.indexOf("h");
  if (axis < 0 || layout.origin === undefined) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      'A layout needs axis "h" and an origin before it can be flipped.',
    );
  }
  const source = tensorBytes(tensor);
  const height = tensor.shape[axis] as number;
  const frames = tensor.shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const rowBytes = height * frames === 0 ? 0 : source.byteLength / (frames * height);
  if (!Number.isInteger(rowBytes)) {
    throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", `Rows of ${tensor.dtype} elements end inside a byte.`);
  }
  const target = new Uint8Array(source.byteLength);
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * height * rowBytes;
    for (let row = 0; row < height; row++) {
      const from = start + row * rowBytes;
      target.set(source.subarray(from, from + rowBytes), start + (height - 1 - row) * rowBytes);
    }
  }
  const origin = layout.origin === "topLeft" ? "bottomLeft" : "topLeft";
  return tensorFromBytes(tensor.dtype, tensor.shape, target, { ...layout, origin });
}
