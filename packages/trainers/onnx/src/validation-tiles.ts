// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { CropRectangle } from "@rmtc/spec";
import type { LoadedItem } from "./training-item.ts";

/** Rows and columns of a validation tile, so that memory does not grow with the image. */
const TILE = 256;

/**
 * Covers an item with tiles of one size, a multiple of the network's stride; the last ones lie against the edge.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the item is smaller than the stride.
 */
export function validationTiles(
  { key, width, height }: Pick<LoadedItem, "key" | "width" | "height">,
  stride: number,
): readonly CropRectangle[] {
  const [columns, rows] = [tileSize(width, stride), tileSize(height, stride)];
  if (columns === 0 || rows === 0) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `Item ${key} has ${width}x${height} pixels; the network needs ${stride}x${stride} at least.`,
      { subject: key },
    );
  }
  return starts(height, rows).flatMap((y) =>
    starts(width, columns).map((x) => ({ x, y, width: columns, height: rows })),
  );
}

function tileSize(size: number, stride: number): number {
  const limit = Math.max(TILE, stride);
  return Math.floor(Math.min(size, limit) / stride) * stride;
}

function starts(size: number, tile: number): readonly number[] {
  const count = Math.ceil(size / tile);
  return Array.from({ length: count }, (_, index) => Math.min(index * tile, size - tile));
}
