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
 * Packs rows of all channels with the even bytes in the first half of `target` and the odd ones in the second,
 * as RLE and ZIP want them before the predictor.
 */
export function packSplit(
  sources: readonly ChannelSource[],
  width: number,
  firstRow: number,
  rows: number,
  target: Uint8Array,
): void {
  const half = target.length / 2;
  let at = 0;
  for (let row = firstRow; row < firstRow + rows; row++) {
    for (const { type, words } of sources) {
      const end = (row + 1) * width;
      if (type === "half") {
        for (let i = row * width; i < end; i++, at++) {
          const word = words[i] as number;
          target[at] = word;
          target[half + at] = word >>> 8;
        }
      } else {
        for (let i = row * width; i < end; i++, at += 2) {
          const word = words[i] as number;
          target[at] = word;
          target[half + at] = word >>> 8;
          target[at + 1] = word >>> 16;
          target[half + at + 1] = word >>> 24;
        }
      }
    }
  }
}
