// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TensorLayout } from "@rmtc/spec";

/** Gives the size of the axis with this label, or `undefined` when there is none. */
export function axisSize(layout: TensorLayout, label: string): number | undefined {
  const axis = layout.axes.indexOf(label);
  return axis < 0 ? undefined : layout.shape[axis];
}

/** Tells whether two sizes can be the same; 0 stands for any. */
export function agrees(size: number, wanted: number): boolean {
  return size === 0 || size === wanted;
}
