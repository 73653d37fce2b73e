// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ExrPixelType } from "./exr-image.ts";

/** The samples of one channel as words of their bits, row by row. */
export interface ChannelSource {
  readonly type: ExrPixelType;
  readonly words: Uint16Array | Uint32Array;
}

/** Packs rows of all channels as they are. */
export function packPlain(
  sources: readonly ChannelSource[],
  width: number,
  firstRow: number,
  rows: number,
  target: Uint8Array,
): void {
  let at = 0;
  for (let row = firstRow; row < firstRow + rows; row++) {
    for (const { words } of sources) {
      const size = words.BYTES_PER_ELEMENT * width;
      target.set(new Uint8Array(words.buffer, words.byteOffset + row * size, size), at);
      at += size;
    }
  }
}

/**
 * Packs rows of all channels as RLE and ZIP want them: the even bytes in the first half of `target`, the odd ones
 * in the second, then each as its difference to the byte before it, plus 128, modulo 256.
 *
 * @see https://openexr.com/en/latest/OpenEXRFileLayout.html (predictor of RLE and ZIP)
 */
export function packSplit(
  sources: readonly ChannelSource[],
  width: number,
  firstRow: number,
  rows: number,
  target: Uint8Array,
): void {
  const half = target.length / 2;
  // The last even byte and the last odd one, above each other, as the packing functions pass them on.
  let last = 128;
  let at = 0;
  for (let row = firstRow; row < firstRow + rows; row++) {
    for (const { type, words } of sources) {
      const pack = type === "half" ? packWords : packDoubleWords;
      last = pack(words, row * width, width, target, at, last);
      at += (width * words.BYTES_PER_ELEMENT) / 2;
    }
  }
  // The second half was begun as if a zero came before it; it is the last byte of the first half.
  if (half > 0) target[half] = (target[half] as number) - (last & 0xff);
}

function packWords(
  words: Uint16Array | Uint32Array,
  from: number,
  count: number,
  target: Uint8Array,
  start: number,
  last: number,
): number {
  const half = target.length / 2;
  const end = from + count;
  let low = last & 0xff;
  let high = last >>> 8;
  for (let i = from, at = start; i < end; i++, at++) {
    const word = words[i] as number;
    target[at] = word - low + 128;
    target[half + at] = (word >>> 8) - high + 128;
    low = word;
    high = word >>> 8;
  }
  return (low & 0xff) | (high << 8);
}

function packDoubleWords(
  words: Uint16Array | Uint32Array,
  from: number,
  count: number,
  target: Uint8Array,
  start: number,
  last: number,
): number {
  const half = target.length / 2;
  const end = from + count;
  let low = last & 0xff;
  let high = last >>> 8;
  for (let i = from, at = start; i < end; i++, at += 2) {
    const word = words[i] as number;
    const nextHigh = word >>> 8;
    const nextLow = word >>> 16;
    target[at] = word - low + 128;
    target[half + at] = nextHigh - high + 128;
    target[at + 1] = nextLow - word + 128;
    high = word >>> 24;
    target[half + at + 1] = high - nextHigh + 128;
    low = nextLow;
  }
  return (low & 0xff) | (high << 8);
}
