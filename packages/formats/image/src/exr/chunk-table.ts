// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type ExrCompression, type ExrHeader, sampleBytes, windowSize } from "./exr-image.ts";
import type { ParsedHeaders } from "./parse-headers.ts";

/** A rectangle of pixels, counted from the top left of the data window. */
export interface ChunkRegion {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One chunk of a part: where its bytes lie, and which pixels they are. */
export interface Chunk {
  readonly region: ChunkRegion;
  /** First byte of the packed samples, and their number. */
  readonly start: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
}

/** Rows of one scanline chunk. */
export const linesPerChunk: Readonly<Record<ExrCompression, number>> = {
  none: 1,
  rle: 1,
  zips: 1,
  zip: 16,
  piz: 32,
  pxr24: 16,
  b44: 32,
  b44a: 32,
  dwaa: 32,
  dwab: 256,
  htj2k256: 256,
  htj2k32: 32,
};

/** Bytes to which one packed byte can expand, at most: DEFLATE codes 258 bytes in 2 bits. */
const maxExpansion: Partial<Record<ExrCompression, number>> = { none: 1, rle: 64, zips: 1032, zip: 1032 };

/**
 * Finds and checks the chunks of one part: each where its table says, each claiming the pixels it should, none
 * larger than its bytes could be, all together no longer than the file.
 *
 * @throws RMTC_FORMAT_INVALID when the table or a chunk is missing, damaged or out of place.
 */
export function findChunks(bytes: Uint8Array, parsed: ParsedHeaders, part: number): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = parsed.headers[part] as ExrHeader;
  const regions = regionsOf(header);
  let table = parsed.tableStart;
  for (let before = 0; before < part; before++) table += 8 * chunkCount(parsed, before);
  const count = chunkCount(parsed, part);
  if (count < regions.count || table + 8 * count > bytes.byteLength) {
    throw damaged("its table of chunks is cut off");
  }
  const pixelBytes = header.channels.reduce((sum, channel) => sum + sampleBytes[channel.type], 0);
  const expansion = maxExpansion[header.compression] ?? 1;
  const chunks: Chunk[] = [];
  let packedTotal = 0;
  for (let index = 0; index < regions.count; index++) {
    const at =
      view.getUint32(table + 8 * index, true) + view.getUint32(table + 8 * index + 4, true) * 2 ** 32;
    const leader = (parsed.multiPart ? 4 : 0) + (header.storage === "tiled" ? 16 : 4);
    if (at < table + 8 * count || at + leader + 4 > bytes.byteLength) {
      const fault = at === 0 ? `chunk ${index} was never written` : `chunk ${index} lies outside the file`;
      throw damaged(fault);
    }
    const region = regions.at(index);
    if (!claims(view, at, parsed.multiPart ? part : undefined, header, region)) {
      throw damaged(`chunk ${index} holds other pixels than it should`);
    }
    const packedBytes = view.getInt32(at + leader, true);
    const start = at + leader + 4;
    const unpackedBytes = region.width * region.height * pixelBytes;
    packedTotal += packedBytes;
    if (packedBytes < 0 || start + packedBytes > bytes.byteLength || packedTotal > bytes.byteLength) {
      throw damaged(`chunk ${index} ends outside the file`);
    }
    if (packedBytes > unpackedBytes || packedBytes * expansion + 64 < unpackedBytes) {
      throw damaged(`chunk ${index} cannot be ${unpackedBytes} pixel bytes in ${packedBytes}`);
    }
    chunks.push({ region, start, packedBytes, unpackedBytes });
  }
  return chunks;
}

function chunkCount(parsed: ParsedHeaders, part: number): number {
  const declared = parsed.chunkCounts[part];
  if (parsed.multiPart) {
    if (declared === undefined || declared < 1) throw damaged(`part ${part} lacks its chunk count`);
    return declared;
  }
  return regionsOf(parsed.headers[part] as ExrHeader).count;
}

interface Regions {
  readonly count: number;
  at(index: number): ChunkRegion;
}

/** The chunks of the full resolution; a tiled part's smaller levels come behind them and are not read. */
function regionsOf(header: ExrHeader): Regions {
  const { width, height } = windowSize(header.dataWindow);
  const stepX = header.tiles?.width ?? width;
  const stepY = header.tiles?.height ?? linesPerChunk[header.compression];
  const columns = Math.ceil(width / stepX);
  return {
    count: columns * Math.ceil(height / stepY),
    at: (index) => {
      const x = (index % columns) * stepX;
      const y = Math.floor(index / columns) * stepY;
      return { x, y, width: Math.min(stepX, width - x), height: Math.min(stepY, height - y) };
    },
  };
}

function claims(
  view: DataView,
  at: number,
  part: number | undefined,
  header: ExrHeader,
  region: ChunkRegion,
): boolean {
  if (part !== undefined && view.getInt32(at, true) !== part) return false;
  const own = part === undefined ? at : at + 4;
  if (header.tiles === undefined) return view.getInt32(own, true) === header.dataWindow.minY + region.y;
  return (
    view.getInt32(own, true) * header.tiles.width === region.x &&
    view.getInt32(own + 4, true) * header.tiles.height === region.y &&
    view.getInt32(own + 8, true) === 0 &&
    view.getInt32(own + 12, true) === 0
  );
}

function damaged(fault: string): RmtcError {
  return new RmtcError(
    "RMTC_FORMAT_INVALID",
    `The EXR file is damaged or cut off: ${fault}. Export it again.`,
  );
}
