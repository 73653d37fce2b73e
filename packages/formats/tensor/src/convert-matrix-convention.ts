// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { TensorLayout } from "@rmtc/spec";
import type { Tensor } from "./tensor.ts";
import { transposeTensor } from "./transpose-tensor.ts";
import { requireLayout } from "./validate-layout.ts";

/**
 * Makes matrices that multiply columns (`M v`) multiply rows (`v M`), or back: rows and columns change places,
 * bit for bit, and axes keep their order.
 *
 * The order in memory is another matter: `permuteAxes` to `["s", "r"]` gives column-major storage.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the tensor has no layout that fits, or is no matrix of a known convention.
 */
export function convertMatrixConvention(
  tensor: Tensor,
  matrixConvention: NonNullable<TensorLayout["matrixConvention"]>,
): Tensor {
  const layout = requireLayout(tensor);
  const [rows, columns] = [layout.axes.indexOf("r"), layout.axes.indexOf("s")];
  if (layout.matrixConvention === undefined || rows < 0 || columns < 0) {
    const message = 'A matrix needs axes "r" and "s" and a convention before it can be given another.';
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", message);
  }
  if (layout.matrixConvention === matrixConvention) return tensor;
  const order = layout.axes.map((_, axis) => (axis === rows ? columns : axis === columns ? rows : axis));
  const made = transposeTensor(tensor, order);
  return { ...made, layout: { ...layout, shape: [...made.shape], matrixConvention } };
}
