// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type TensorValue } from "@rmtc/contract";
import { bitsPerElement, type Tensor, tensorBytes, zeroTensor } from "@rmtc/tensor";
import { pasteWindow, planesOf } from "./copy-window.ts";
import type { Lane } from "./lane.ts";
import type { TileSpan } from "./plan-tiles.ts";
import type { SlotTensor } from "./session-calls.ts";
import type { TileGrid } from "./tile-grid.ts";

/** An output that is put together from tiles, or cropped to the image's size. */
export class OutputImage {
  readonly #grid: TileGrid;
  readonly #rowAxis: number;
  #whole: Tensor | undefined;

  constructor(grid: TileGrid, rowAxis: number) {
    this.#grid = grid;
    this.#rowAxis = rowAxis;
  }

  /** The output so far. */
  get value(): TensorValue | undefined {
    if (this.#whole === undefined) return undefined;
    return { dtype: this.#whole.dtype, shape: this.#whole.shape, data: tensorBytes(this.#whole) };
  }

  /**
   * Takes what is kept of a tile out of the lane.
   *
   * @throws RMTC_GRAPH_UNSUPPORTED when the output's size does not follow the tile's.
   */
  async take(output: SlotTensor, rows: TileSpan, columns: TileSpan, lane: Lane): Promise<void> {
    const { size, padded, tile } = this.#grid;
    const axis = this.#rowAxis;
    const rowScale = scaleOf(output, axis, tile.rows);
    const columnScale = scaleOf(output, axis + 1, tile.columns);
    this.#whole ??= zeroTensor(
      output.dtype,
      output.shape
        .with(axis, Math.ceil(rowScale(size.rows)))
        .with(axis + 1, Math.ceil(columnScale(size.columns))),
    );
    const whole = this.#whole;
    const isWhole = tile.rows === padded.rows && tile.columns === padded.columns;
    if (isWhole && String(whole.shape) === String(output.shape)) {
      await lane.read(output.name, whole.data);
      return;
    }
    const bytesPerElement = bitsPerElement(output.dtype) / 8;
    const tilePlanes = planesOf(output.shape, axis, bytesPerElement);
    const wholePlanes = planesOf(whole.shape, axis, bytesPerElement);
    const scratch = lane.scratch(`out.${output.name}`, output.dtype, output.shape);
    await lane.read(output.name, scratch.data);
    const row = integer(rowScale(rows.keepFrom), output.name);
    const column = integer(columnScale(columns.keepFrom), output.name);
    const from = {
      row: row - integer(rowScale(rows.origin), output.name),
      column: column - integer(columnScale(columns.origin), output.name),
      rows: Math.max(Math.min(integer(rowScale(rows.keepTo), output.name), wholePlanes.rows) - row, 0),
      columns: Math.max(
        Math.min(integer(columnScale(columns.keepTo), output.name), wholePlanes.columns) - column,
        0,
      ),
    };
    await pasteWindow(tensorBytes(scratch), tilePlanes, from, tensorBytes(whole), wholePlanes, {
      row,
      column,
    });
  }
}

/** Returns how rows or columns of the input count in the output. */
function scaleOf({ shape }: SlotTensor, axis: number, tileLength: number): (length: number) => number {
  const outputLength = shape[axis] ?? 0;
  return (length) => (length * outputLength) / tileLength;
}

function integer(value: number, name: string): number {
  if (Number.isInteger(value)) return value;
  throw new RmtcError(
    "RMTC_GRAPH_UNSUPPORTED",
    `The size of output "${name}" does not follow the size of the image; run the network without tiles.`,
    { subject: name },
  );
}
