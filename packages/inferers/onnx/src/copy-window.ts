// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Where the pixels of an image tensor lie: `outer` planes of rows of pixels, row-major. */
export interface ImagePlanes {
  readonly outer: number;
  readonly rows: number;
  readonly columns: number;
  readonly bytesPerPixel: number;
}

/** A rectangle of rows and columns. */
export interface PixelRectangle {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** Finds the planes of a tensor whose columns are the axis after `rowAxis`. */
export function planesOf(shape: readonly number[], rowAxis: number, bytesPerElement: number): ImagePlanes {
  const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
  return {
    outer: product(shape.slice(0, rowAxis)),
    rows: shape[rowAxis] ?? 1,
    columns: shape[rowAxis + 1] ?? 1,
    bytesPerPixel: product(shape.slice(rowAxis + 2)) * bytesPerElement,
  };
}

/**
 * Copies a window of `source` to `target`; beyond the last row and column those are repeated.
 *
 * @param filledRows Rows of each plane that hold pixels; what lies below them is not looked at.
 */
export function cutWindow(
  source: Uint8Array,
  planes: ImagePlanes,
  window: PixelRectangle,
  target: Uint8Array,
  filledRows: number = planes.rows,
): void {
  const { outer, rows, columns, bytesPerPixel } = planes;
  const rowBytes = window.columns * bytesPerPixel;
  const inside = Math.min(window.columns, columns - window.column) * bytesPerPixel;
  const from = bufferOf(source);
  const to = bufferOf(target);
  let at = 0;
  for (let plane = 0; plane < outer; plane += 1) {
    for (let row = window.row; row < window.row + window.rows; row += 1) {
      const line = plane * rows + Math.min(row, filledRows - 1);
      const start = (line * columns + window.column) * bytesPerPixel;
      from.copy(to, at, start, start + inside);
      for (let end = at + inside; end < at + rowBytes; end += bytesPerPixel) {
        to.copyWithin(end, end - bytesPerPixel, end);
      }
      at += rowBytes;
    }
  }
}

/** Copies the rectangle `from` of one image to the place `row`, `column` of another. */
export function pasteWindow(
  source: Uint8Array,
  sourcePlanes: ImagePlanes,
  from: PixelRectangle,
  target: Uint8Array,
  targetPlanes: ImagePlanes,
  place: { readonly row: number; readonly column: number },
): void {
  const { outer, bytesPerPixel } = sourcePlanes;
  const rowBytes = from.columns * bytesPerPixel;
  const pixels = bufferOf(source);
  const to = bufferOf(target);
  for (let plane = 0; plane < outer; plane += 1) {
    for (let row = 0; row < from.rows; row += 1) {
      const sourceLine = plane * sourcePlanes.rows + from.row + row;
      const targetLine = plane * targetPlanes.rows + place.row + row;
      const start = (sourceLine * sourcePlanes.columns + from.column) * bytesPerPixel;
      const end = (targetLine * targetPlanes.columns + place.column) * bytesPerPixel;
      pixels.copy(to, end, start, start + rowBytes);
    }
  }
}

/** Sees bytes as a Buffer, whose `copy` makes no object for each row. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
