// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { crc32 } from "node:zlib";
import { RmtcError } from "@rmtc/contract";

/** What the IHDR chunk of a PNG file says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colorType: number;
  readonly interlaced: boolean;
}

/** A chunk of a PNG file whose checksum is right. */
export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** The chunk with its length, type and checksum. */
  readonly whole: Uint8Array;
}

/** The eight bytes a PNG file starts with. */
export const pngSignature: Uint8Array = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Length of signature and IHDR chunk, which always come first. */
export const pngHeadBytes = 33;

const samplesPerPixel: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depthsByColorType: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** First column, first row, column step and row step of the seven passes of an interlaced file. */
const adam7: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** Tells whether the bytes start as a PNG file does. */
export function isPng(bytes: Uint8Array): boolean {
  return bytes.byteLength >= 8 && pngSignature.every((byte, index) => bytes[index] === byte);
}

/**
 * Reads signature and IHDR from the first {@link pngHeadBytes} of a file.
 *
 * @see https://www.w3.org/TR/png-3/#11IHDR
 * @throws RMTC_FORMAT_INVALID when they are missing or damaged.
 */
export function parsePngHeader(bytes: Uint8Array): PngHeader {
  if (!isPng(bytes) || bytes.byteLength < pngHeadBytes)
    throw damagedPng("it does not start as a PNG file does");
  const first = pngChunks(bytes.subarray(0, pngHeadBytes)).next().value;
  if (first?.type !== "IHDR" || first.data.byteLength !== 13) throw damagedPng("its header chunk is missing");
  const view = new DataView(first.data.buffer, first.data.byteOffset, 13);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const depth = view.getUint8(8);
  const colorType = view.getUint8(9);
  if (width === 0 || height === 0 || !(depthsByColorType[colorType] ?? []).includes(depth)) {
    throw damagedPng(`it has ${width}x${height} pixels of ${depth} bits and colour type ${colorType}`);
  }
  if (view.getUint16(10) !== 0 || view.getUint8(12) > 1)
    throw damagedPng("its compression or filter is unknown");
  return { width, height, depth, colorType, interlaced: view.getUint8(12) === 1 };
}

/**
 * Gives the chunks of a file in order up to IEND, each with its checksum verified.
 *
 * @throws RMTC_FORMAT_INVALID when a chunk is cut off or damaged, or IEND is missing.
 */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = pngSignature.byteLength; ; ) {
    const length = at + 12 <= bytes.byteLength ? view.getUint32(at) : bytes.byteLength;
    const end = at + 12 + length;
    if (end > bytes.byteLength) throw damagedPng("it is cut off");
    const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString("latin1");
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw damagedPng(`the checksum of a chunk ${JSON.stringify(type)} is wrong`);
    }
    yield { type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) };
    if (type === "IEND") return undefined;
    at = end;
  }
}

/** Bytes that the pixel data of a file has when it is inflated: each row of each pass behind its filter byte. */
export function inflatedBytes(header: PngHeader): number {
  const bits = (samplesPerPixel[header.colorType] ?? 0) * header.depth;
  const passes = header.interlaced ? adam7 : [[0, 0, 1, 1] as const];
  return passes.reduce((sum, [x, y, stepX, stepY]) => {
    const width = Math.max(0, Math.ceil((header.width - x) / stepX));
    const height = Math.max(0, Math.ceil((header.height - y) / stepY));
    return width === 0 ? sum : sum + height * (1 + Math.ceil((width * bits) / 8));
  }, 0);
}

/** Makes the error for a file that breaks the format. */
export function damagedPng(fault: string, cause?: unknown): RmtcError {
  return new RmtcError("RMTC_FORMAT_INVALID", `The PNG file is damaged: ${fault}. Export it again.`, {
    cause,
  });
}
