// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { transposeHalfWords } from "./transpose-half-words.ts";
import type { Words } from "./words.ts";

/** Side of the square blocks in which large matrices are transposed, so that both sides stay in the cache. */
const blockSide = 64;

/**
 * Transposes a row-major matrix of `rows` × `columns` words from `source` to `target`, both at `offset`.
 *
 * Two to four columns or rows, as interleaved and planar pictures have, take loops of their own.
 */
export function transposeMatrix(
  source: Words,
  target: Words,
  offset: number,
  rows: number,
  columns: number,
): void {
  if (transposeHalfWords(source, target, offset, rows, columns)) return;
  if (columns === 3) split3(source, target, offset, rows);
  else if (rows === 3) join3(source, target, offset, columns);
  else if (columns === 4) split4(source, target, offset, rows);
  else if (rows === 4) join4(source, target, offset, columns);
  else transposeBlocks(source, target, offset, rows, columns);
}

function split3(source: Words, target: Words, offset: number, rows: number): void {
  const second = offset + rows;
  const third = second + rows;
  for (let i = 0, at = offset; i < rows; i++, at += 3) {
    target[offset + i] = source[at] as number;
    target[second + i] = source[at + 1] as number;
    target[third + i] = source[at + 2] as number;
  }
}

function join3(source: Words, target: Words, offset: number, columns: number): void {
  const second = offset + columns;
  const third = second + columns;
  for (let i = 0, at = offset; i < columns; i++, at += 3) {
    target[at] = source[offset + i] as number;
    target[at + 1] = source[second + i] as number;
    target[at + 2] = source[third + i] as number;
  }
}

function split4(source: Words, target: Words, offset: number, rows: number): void {
  const second = offset + rows;
  const third = second + rows;
  const fourth = third + rows;
  for (let i = 0, at = offset; i < rows; i++, at += 4) {
    target[offset + i] = source[at] as number;
    target[second + i] = source[at + 1] as number;
    target[third + i] = source[at + 2] as number;
    target[fourth + i] = source[at + 3] as number;
  }
}

function join4(source: Words, target: Words, offset: number, columns: number): void {
  const second = offset + columns;
  const third = second + columns;
  const fourth = third + columns;
  for (let i = 0, at = offset; i < columns; i++, at += 4) {
    target[at] = source[offset + i] as number;
    target[at + 1] = source[second + i] as number;
    target[at + 2] = source[third + i] as number;
    target[at + 3] = source[fourth + i] as number;
  }
}

function transposeBlocks(source: Words, target: Words, offset: number, rows: number, columns: number): void {
  for (let top = 0; top < rows; top += blockSide) {
    const bottom = Math.min(top + blockSide, rows);
    for (let left = 0; left < columns; left += blockSide) {
      const right = Math.min(left + blockSide, columns);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          target[offset + column * rows + row] = source[offset + row * columns + column] as number;
        }
      }
    }
  }
}
