// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type TileOptions } from "@rmtc/contract";
import type { NetworkGeometry } from "./geometry/network-geometry.ts";

/** A stretch of rows or columns that one tile covers, and the part of it that is kept. */
export interface TileSpan {
  /** First row or column of the tile. */
  readonly origin: number;
  /** First row or column that is kept. */
  readonly keepFrom: number;
  /** First row or column that is no longer kept. */
  readonly keepTo: number;
}

/**
 * Cuts `length` rows or columns, a multiple of the stride, into tiles of `size`.
 *
 * Origins are multiples of the stride. Neighbours share `overlap` or, for the last one, more; where what they
 * share is at least the network's receptive field, what is kept of each sees no edge of a tile.
 *
 * @throws RMTC_OPTION_INVALID when size and overlap leave no step, or are no multiples of what they must be.
 */
export function planTiles(
  length: number,
  tiles: TileOptions,
  geometry: NetworkGeometry,
): readonly TileSpan[] {
  const { stride } = geometry;
  const { size, overlap } = tiles;
  if (!Number.isSafeInteger(size) || size < 1 || size % stride !== 0) {
    throw invalid("size", `The tile size ${size} is no multiple of the network's stride ${stride}.`);
  }
  if (!Number.isSafeInteger(overlap) || overlap < 0) {
    throw invalid("overlap", `The overlap ${overlap} is no whole number of pixels.`);
  }
  if (size >= length) return [{ origin: 0, keepFrom: 0, keepTo: length }];
  const step = Math.floor((size - overlap) / stride) * stride;
  if (step <= 0) {
    throw invalid("overlap", `The overlap ${overlap} leaves nothing of tiles of ${size}; take larger tiles.`);
  }
  const origins: number[] = [];
  for (let origin = 0; origin + size < length; origin += step) origins.push(origin);
  origins.push(length - size);
  const cuts = origins.slice(1).map((origin, index) => seam(origin, (origins[index] ?? 0) + size, geometry));
  return origins.map((origin, index) => ({
    origin,
    keepFrom: cuts[index - 1] ?? 0,
    keepTo: cuts[index] ?? length,
  }));
}

/** Returns where, between `origin` of the next tile and `end` of this one, the next tile takes over. */
function seam(origin: number, end: number, { before, after, seamMultiple }: NetworkGeometry): number {
  const first = Math.ceil((origin + before) / seamMultiple) * seamMultiple;
  const last = end - after;
  if (last >= first) return first + Math.floor((last - first) / 2 / seamMultiple) * seamMultiple;
  return Math.round((origin + end) / 2 / seamMultiple) * seamMultiple;
}

function invalid(field: keyof TileOptions, message: string): RmtcError {
  return new RmtcError("RMTC_OPTION_INVALID", message, { pointer: `/tiles/${field}` });
}
