// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type AxisReach, mergeReach } from "./axis-reach.ts";

/**
 * What is known of a value inside a network: an image whose pixels lie over those of the input, or a constant,
 * which is the same for every tile. Of anything else nothing is known.
 */
export type ValueFlow = ImageFlow | ConstantFlow;

/** A value with rows and columns that follow those of the input. */
export interface ImageFlow {
  readonly kind: "image";
  readonly rank: number;
  /** Axis of the rows, and how they lie over the input's. */
  readonly rowAxis: number;
  readonly rows: AxisReach;
  /** Axis of the columns, and how they lie over the input's. */
  readonly columnAxis: number;
  readonly columns: AxisReach;
}

/** A value that does not depend on pixels. */
export interface ConstantFlow {
  readonly kind: "constant";
  /** Unknown sizes are `undefined`, and so is an unknown shape. */
  readonly shape: readonly (number | undefined)[] | undefined;
  /** Reads the elements, where the file has them. */
  readonly numbers?: (() => readonly number[]) | undefined;
}

/** Applies the same change to rows and columns. */
export function mapReach(
  flow: ImageFlow,
  change: (reach: AxisReach, axis: "rows" | "columns") => AxisReach,
): ImageFlow {
  return { ...flow, rows: change(flow.rows, "rows"), columns: change(flow.columns, "columns") };
}

/**
 * Follows values that meet element by element; `undefined` when they do not lie alike, or a constant differs
 * from row to row or column to column.
 */
export function mergeFlows(flows: readonly ValueFlow[]): ImageFlow | undefined {
  let merged: ImageFlow | undefined;
  for (const flow of flows) {
    if (flow.kind === "constant") continue;
    if (merged === undefined) {
      merged = flow;
      continue;
    }
    const rows = mergeReach(merged.rows, flow.rows);
    const columns = mergeReach(merged.columns, flow.columns);
    const alike =
      flow.rank === merged.rank && flow.rowAxis === merged.rowAxis && flow.columnAxis === merged.columnAxis;
    if (!alike || rows === undefined || columns === undefined) return undefined;
    merged = { ...merged, rows, columns };
  }
  if (merged === undefined) return undefined;
  const { rank, rowAxis, columnAxis } = merged;
  for (const flow of flows) {
    if (flow.kind === "image") continue;
    if (flow.shape === undefined || flow.shape.length > rank) return undefined;
    const offset = rank - flow.shape.length;
    for (const axis of [rowAxis, columnAxis]) {
      if (axis >= offset && flow.shape[axis - offset] !== 1) return undefined;
    }
  }
  return merged;
}
