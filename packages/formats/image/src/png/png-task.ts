// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { convertIndexedToRgb, type DecodedPng, decode, encode } from "fast-png";

/** Pixels of a PNG file, interleaved, 8 or 16 bits a sample. */
export interface PngPixels {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  readonly channels: number;
  readonly data: Uint8Array | Uint16Array;
}

/** What is to be done with a PNG file: unpack `png`, or pack `pixels`. */
export type PngTask = { readonly png: Uint8Array } | { readonly pixels: PngPixels };

/** What came of it. */
export type PngResult = { readonly pixels: PngPixels } | { readonly png: Uint8Array };

/** Unpacks or packs a PNG file, in whatever thread it is called; what it throws is the library's. */
export function runPngTask(task: PngTask): PngResult {
  if ("png" in task) return { pixels: unpack(decode(task.png)) };
  const { width, height, channels, data } = task.pixels;
  return { png: encode({ width, height, channels, data, depth: data.BYTES_PER_ELEMENT === 2 ? 16 : 8 }) };
}

function unpack(png: DecodedPng): PngPixels {
  const { width, height, depth, channels } = png;
  if (png.palette !== undefined) {
    const data = convertIndexedToRgb(png);
    return { width, height, channels: data.length / (width * height), data };
  }
  if (png.data instanceof Uint16Array) return { width, height, channels, data: png.data };
  return { width, height, channels, data: depth === 8 ? new Uint8Array(png.data) : spread(png) };
}

/** Spreads grey samples of 1, 2 or 4 bits to 8 bits, so that the largest becomes 255. */
function spread({ width, height, depth, data }: DecodedPng): Uint8Array {
  const target = new Uint8Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  const largest = (1 << depth) - 1;
  const perByte = 8 / depth;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to++) {
      const byte = data[y * rowBytes + Math.floor(x / perByte)] as number;
      const shift = 8 - depth * ((x % perByte) + 1);
      target[to] = (((byte >> shift) & largest) * 255) / largest;
    }
  }
  return target;
}
