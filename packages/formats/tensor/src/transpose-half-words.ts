// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/**
 * Transposes matrices of 16-bit words with 3 or 4 columns or rows two words at a time, which halves the loads
 * and stores.
 *
 * @returns Whether it could: the other side must be even, and both arrays aligned to four bytes.
 */
export function transposeHalfWords(
  source: ArrayBufferView,
  target: ArrayBufferView,
  offset: number,
  rows: number,
  columns: number,
): boolean {
  if (!(source instanceof Uint16Array && target instanceof Uint16Array)) return false;
  const split = columns === 3 || columns === 4;
  const channels = split ? columns : rows;
  const pixels = split ? rows : columns;
  if ((channels !== 3 && channels !== 4) || pixels % 2 !== 0) return false;
  if ((source.byteOffset + 2 * offset) % 4 !== 0 || (target.byteOffset + 2 * offset) % 4 !== 0) return false;
  const count = (rows * columns) / 2;
  const from = new Uint32Array(source.buffer, source.byteOffset + 2 * offset, count);
  const to = new Uint32Array(target.buffer, target.byteOffset + 2 * offset, count);
  const kernel = split ? (channels === 3 ? split3 : split4) : channels === 3 ? join3 : join4;
  kernel(from, to, pixels / 2);
  return true;
}

const low = 0xffff;
const high = 0xffff0000;

function split3(from: Uint32Array, to: Uint32Array, plane: number): void {
  for (let i = 0, at = 0; i < plane; i++, at += 3) {
    const a = from[at] as number;
    const b = from[at + 1] as number;
    const c = from[at + 2] as number;
    to[i] = (a & low) | (b & high);
    to[plane + i] = (a >>> 16) | (c << 16);
    to[2 * plane + i] = (b & low) | (c & high);
  }
}

function join3(from: Uint32Array, to: Uint32Array, plane: number): void {
  for (let i = 0, at = 0; i < plane; i++, at += 3) {
    const a = from[i] as number;
    const b = from[plane + i] as number;
    const c = from[2 * plane + i] as number;
    to[at] = (a & low) | (b << 16);
    to[at + 1] = (c & low) | (a & high);
    to[at + 2] = (b >>> 16) | (c & high);
  }
}

function split4(from: Uint32Array, to: Uint32Array, plane: number): void {
  for (let i = 0, at = 0; i < plane; i++, at += 4) {
    const a = from[at] as number;
    const b = from[at + 1] as number;
    const c = from[at + 2] as number;
    const d = from[at + 3] as number;
    to[i] = (a & low) | (c << 16);
    to[plane + i] = (a >>> 16) | (c & high);
    to[2 * plane + i] = (b & low) | (d << 16);
    to[3 * plane + i] = (b >>> 16) | (d & high);
  }
}

function join4(from: Uint32Array, to: Uint32Array, plane: number): void {
  for (let i = 0, at = 0; i < plane; i++, at += 4) {
    const a = from[i] as number;
    const b = from[plane + i] as number;
    const c = from[2 * plane + i] as number;
    const d = from[3 * plane + i] as number;
    to[at] = (a & low) | (b << 16);
    to[at + 1] = (c & low) | (d << 16);
    to[at + 2] = (a >>> 16) | (b & high);
    to[at + 3] = (c >>> 16) | (d & high);
  }
}
