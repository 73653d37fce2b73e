// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TensorValue } from "@rmtc/contract";
import { bitsPerElement, type Tensor, tensorBytes, zeroTensor } from "@rmtc/tensor";
import { planesOf } from "./copy-window.ts";
import type { HostSlot } from "./host-slot.ts";
import { outputPlace, outputSize } from "./output-length.ts";
import type { TileSpan } from "./plan-tiles.ts";
import type { SlotTensor } from "./session-calls.ts";
import type { TileGrid } from "./tile-grid.ts";

/** An output that is put together from bands, and cropped to the image's size. */
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
   * Takes the rows that are kept of a band out of their slot.
   *
   * @throws RMTC_GRAPH_UNSUPPORTED when the output's size does not follow the tile's.
   */
  async take({ name, dtype, shape }: SlotTensor, span: TileSpan, slot: HostSlot): Promise<void> {
    const axis = this.#rowAxis;
    const { tile, size } = this.#grid;
    const scale = { output: name, outputLength: shape[axis] ?? 0, tileLength: tile.rows };
    this.#whole ??= zeroTensor(dtype, shape.with(axis, outputSize(scale, size.rows)));
    const bytes = tensorBytes(this.#whole);
    const band = planesOf(shape, axis, bitsPerElement(dtype) / 8);
    const wholeRows = this.#whole.shape[axis] ?? 0;
    const row = outputPlace(scale, span.keepFrom);
    const rows = Math.max(Math.min(outputPlace(scale, span.keepTo), wholeRows) - row, 0);
    const bandRow = row - outputPlace(scale, span.origin);
    const rowBytes = band.columns * band.bytesPerPixel;
    for (let plane = 0; plane < band.outer; plane += 1) {
      const start = (plane * wholeRows + row) * rowBytes;
      const target = bytes.subarray(start, start + rows * rowBytes);
      await slot.read(name, target, (plane * band.rows + bandRow) * rowBytes);
    }
  }
}
