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
 * Unpacks one row of a chunk whose bytes were split: the even ones lie in the first half, the odd ones in the
 * second, as RLE and ZIP leave them. Takes and returns what {@link unpackPlainRow} does.
 */
export function unpackSplitRow(
  bytes: Uint8Array,
  start: number,
  sinks: readonly ChannelSink[],
  region: ChunkRegion,
  row: number,
): number {
  const { width } = region;
  const half = bytes.length / 2;
  let at = start / 2;
  for (const { channel, target } of sinks) {
    const pairs = (sampleBytes[channel.type] / 2) * width;
    if (target !== undefined) {
      const { words, stride } = target;
      let to = wordOf(target, region, row);
      const end = at + pairs;
      if (channel.type === "half") {
        for (let i = at; i < end; i++, to += stride) {
          words[to] = (bytes[i] as number) | ((bytes[half + i] as number) << 8);
        }
      } else {
        for (let i = at; i < end; i += 2, to += stride) {
          words[to] =
            (bytes[i] as number) |
            ((bytes[half + i] as number) << 8) |
            ((bytes[i + 1] as number) << 16) |
            ((bytes[half + i + 1] as number) << 24);
        }
      }
    }
    at += pairs;
  }
  return at * 2;
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
