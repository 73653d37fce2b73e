// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type TileOptions } from "@rmtc/contract";
import type { CheckedInputs } from "./check-inputs.ts";
import type { ModelDescription } from "./describe-model.ts";
import { planTiles, type TileSpan } from "./plan-tiles.ts";

/** How an image is cut: tiles of one size, in rows and columns of spans. */
export interface TileGrid {
  /** The image's own size. */
  readonly size: { readonly rows: number; readonly columns: number };
  /** The size the network sees: multiples of the stride. */
  readonly padded: { readonly rows: number; readonly columns: number };
  /** Rows and columns of every tile. */
  readonly tile: { readonly rows: number; readonly columns: number };
  readonly rowSpans: readonly TileSpan[];
  readonly columnSpans: readonly TileSpan[];
}

/**
 * Decides how a call's images are cut; without images there is nothing to cut.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the network takes images of one size only, and this is another.
 * @throws RMTC_UNSUPPORTED when tiles are asked of a network that they cannot stand for.
 * @throws RMTC_OPTION_INVALID when tile size and overlap do not suit the network.
 */
export function tileGrid(
  { size, declared }: CheckedInputs,
  { stride, geometry }: ModelDescription,
  tiles: TileOptions | undefined,
): TileGrid | undefined {
  if (tiles !== undefined && geometry === undefined) {
    throw new RmtcError(
      "RMTC_UNSUPPORTED",
      "This network cannot be run in tiles: it looks at the whole image, or nobody knows how far it looks.",
    );
  }
  if (size === undefined) return undefined;
  const along = (
    length: number,
    fixed: number,
  ): { padded: number; tile: number; spans: readonly TileSpan[] } => {
    const upToStride = Math.ceil(length / stride) * stride;
    if (tiles === undefined || geometry === undefined) {
      if (fixed !== 0 && fixed !== upToStride) throw otherSize(length, fixed);
      return {
        padded: upToStride,
        tile: upToStride,
        spans: [{ origin: 0, keepFrom: 0, keepTo: upToStride }],
      };
    }
    if (fixed !== 0 && fixed !== tiles.size) throw otherSize(tiles.size, fixed);
    const padded = Math.max(upToStride, fixed);
    return { padded, tile: Math.min(padded, tiles.size), spans: planTiles(padded, tiles, geometry) };
  };
  const rows = along(size.rows, declared.rows);
  const columns = along(size.columns, declared.columns);
  return {
    size,
    padded: { rows: rows.padded, columns: columns.padded },
    tile: { rows: rows.tile, columns: columns.tile },
    rowSpans: rows.spans,
    columnSpans: columns.spans,
  };
}

function otherSize(length: number, fixed: number): RmtcError {
  return new RmtcError(
    "RMTC_LAYOUT_MISMATCH",
    `The network takes ${fixed} rows or columns only, not ${length}; run it in tiles of ${fixed}.`,
  );
}
