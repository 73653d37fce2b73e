// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/**
 * Undoes the difference coding of bytes `from` to `to` in place: each byte is the one before plus itself,
 * minus 128, modulo 256.
 *
 * @param previous The byte before `from` when it is undone; 128 at the start of a chunk.
 * @returns The last byte that was undone, to go on with.
 * @see https://openexr.com/en/latest/OpenEXRFileLayout.html (predictor of RLE and ZIP)
 */
export function undoPredictor(bytes: Uint8Array, from: number, to: number, previous: number): number {
  let value = previous;
  for (let i = from; i < to; i++) {
    value = (value + (bytes[i] as number) - 128) & 0xff;
    bytes[i] = value;
  }
  return value;
}

/** Codes differences in place, from byte `from` to `to`; the inverse of {@link undoPredictor}. */
export function applyPredictor(bytes: Uint8Array, from: number, to: number, previous: number): number {
  let last = previous;
  for (let i = from; i < to; i++) {
    const value = bytes[i] as number;
    bytes[i] = value - last + 128;
    last = value;
  }
  return last;
}
