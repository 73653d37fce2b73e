// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ChunkRegion } from "./chunk-table.ts";
import type { ExrChannelInfo } from "./exr-image.ts";
import { sampleBytes } from "./exr-image.ts";

/** Where the samples of one channel go: planar with a stride of 1, interleaved with more. */
export interface SampleTarget {
  /** The samples' bits: 16-bit words for half, 32-bit words for float and uint. */
  readonly words: Uint16Array | Uint32Array;
  /** Word of the data window's top left pixel. */
  readonly offset: number;
  /** Words from one pixel to the next. */
  readonly stride: number;
  /** Words from one row to the next. */
  readonly rowStride: number;
}

/** A channel of the file, and where it goes, unless nobody asked for it. */
export interface ChannelSink {
  readonly channel: ExrChannelInfo;
  readonly target: SampleTarget | undefined;
}

/**
 * Unpacks one row of a chunk whose samples lie as they are.
 *
 * @param start Byte of `bytes` where the row starts.
 * @returns The byte after the row.
 */
export function unpackPlainRow(
  bytes: Uint8Array,
  start: number,
  sinks: readonly ChannelSink[],
  region: ChunkRegion,
  row: number,
): number {
  const { width } = region;
  let at = start;
  for (const { channel, target } of sinks) {
    const size = sampleBytes[channel.type];
    if (target !== undefined) {
      const to = wordOf(target, region, row);
      if (target.stride === 1) copyBytes(bytes.subarray(at, at + size * width), target.words, to);
      else if (size === 2) scatter16(bytes, at, target.words, to, target.stride, width);
      else scatter32(bytes, at, target.words, to, target.stride, width);
    }
    at += size * width;
  }
  return at;
}

/**
 * Where the unpacking of a chunk stands whose bytes were split and coded as differences, as RLE and ZIP leave
 * them: the even bytes lie in the first half, the odd ones in the second, and each is the one before it plus
 * itself, minus 128, modulo 256.
 *
 * @see https://openexr.com/en/latest/OpenEXRFileLayout.html (predictor of RLE and ZIP)
 */
export class SplitCursor {
  readonly bytes: Uint8Array;
  readonly half: number;
  /** How many pairs of an even and an odd byte are done. */
  at = 0;
  /** The last even byte, and the last odd one. */
  low = 128;
  high: number;

  /** @param lowSum The sum of all bytes of the first half, which tells where the second half starts. */
  constructor(bytes: Uint8Array, lowSum: number) {
    this.bytes = bytes;
    this.half = bytes.length / 2;
    this.high = (128 + lowSum - 128 * this.half) & 0xff;
  }
}

/** Adds bytes `from` to `to`, four at a time: the even and the odd ones of a word each in their half of a word. */
export function sumOfBytes(bytes: Uint8Array, from: number, to: number): number {
  const start = from + ((4 - ((bytes.byteOffset + from) % 4)) % 4);
  const count = Math.max(0, (to - start) >> 2);
  const words =
    count === 0 ? new Uint32Array() : new Uint32Array(bytes.buffer, bytes.byteOffset + start, count);
  let sum = 0;
  // 64 words add up to 128 times 255 in each half, which fits and keeps the sum a small integer.
  for (let block = 0; block < count; block += 64) {
    const end = Math.min(block + 64, count);
    let pairs = 0;
    for (let i = block; i < end; i++) {
      const word = words[i] as number;
      pairs += (word & 0xff00ff) + ((word >>> 8) & 0xff00ff);
    }
    sum += (pairs & 0xffff) + (pairs >>> 16);
  }
  for (let i = from; i < Math.min(start, to); i++) sum += bytes[i] as number;
  for (let i = start + 4 * count; i < to; i++) sum += bytes[i] as number;
  return sum;
}

/** Unpacks the next row of a chunk, undoing differences and split in one pass. */
export function unpackSplitRow(
  cursor: SplitCursor,
  sinks: readonly ChannelSink[],
  region: ChunkRegion,
  row: number,
): void {
  for (const { channel, target } of sinks) {
    const pairs = (sampleBytes[channel.type] / 2) * region.width;
    if (target === undefined) skipPairs(cursor, pairs);
    else if (channel.type === "half") unpackWords(cursor, pairs, target, wordOf(target, region, row));
    else unpackDoubleWords(cursor, pairs, target, wordOf(target, region, row));
  }
}

function skipPairs(cursor: SplitCursor, pairs: number): void {
  const { bytes, half, at } = cursor;
  cursor.low = (cursor.low + sumOfBytes(bytes, at, at + pairs) - 128 * pairs) & 0xff;
  cursor.high = (cursor.high + sumOfBytes(bytes, half + at, half + at + pairs) - 128 * pairs) & 0xff;
  cursor.at += pairs;
}

function unpackWords(cursor: SplitCursor, pairs: number, target: SampleTarget, firstWord: number): void {
  const { bytes, half, at } = cursor;
  const { words, stride } = target;
  const end = at + pairs;
  let { low, high } = cursor;
  for (let i = at, to = firstWord; i < end; i++, to += stride) {
    low = (low + (bytes[i] as number) - 128) & 0xff;
    high = (high + (bytes[half + i] as number) - 128) & 0xff;
    words[to] = low | (high << 8);
  }
  cursor.low = low;
  cursor.high = high;
  cursor.at = end;
}

function unpackDoubleWords(
  cursor: SplitCursor,
  pairs: number,
  target: SampleTarget,
  firstWord: number,
): void {
  const { bytes, half, at } = cursor;
  const { words, stride } = target;
  const end = at + pairs;
  let { low, high } = cursor;
  for (let i = at, to = firstWord; i < end; i += 2, to += stride) {
    low = (low + (bytes[i] as number) - 128) & 0xff;
    high = (high + (bytes[half + i] as number) - 128) & 0xff;
    const lower = low | (high << 8);
    low = (low + (bytes[i + 1] as number) - 128) & 0xff;
    high = (high + (bytes[half + i + 1] as number) - 128) & 0xff;
    words[to] = lower | (low << 16) | (high << 24);
  }
  cursor.low = low;
  cursor.high = high;
  cursor.at = end;
}

function wordOf(target: SampleTarget, region: ChunkRegion, row: number): number {
  return target.offset + (region.y + row) * target.rowStride + region.x * target.stride;
}

function copyBytes(source: Uint8Array, words: Uint16Array | Uint32Array, to: number): void {
  const start = words.byteOffset + to * words.BYTES_PER_ELEMENT;
  new Uint8Array(words.buffer, start, source.byteLength).set(source);
}

function scatter16(
  bytes: Uint8Array,
  at: number,
  words: Uint16Array | Uint32Array,
  to: number,
  stride: number,
  width: number,
): void {
  for (let i = 0, from = at, word = to; i < width; i++, from += 2, word += stride) {
    words[word] = (bytes[from] as number) | ((bytes[from + 1] as number) << 8);
  }
}

function scatter32(
  bytes: Uint8Array,
  at: number,
  words: Uint16Array | Uint32Array,
  to: number,
  stride: number,
  width: number,
): void {
  for (let i = 0, from = at, word = to; i < width; i++, from += 4, word += stride) {
    words[word] =
      (bytes[from] as number) |
      ((bytes[from + 1] as number) << 8) |
      ((bytes[from + 2] as number) << 16) |
      ((bytes[from + 3] as number) << 24);
  }
}
