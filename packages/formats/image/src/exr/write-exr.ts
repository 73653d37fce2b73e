// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { promisify } from "node:util";
import { deflate, deflateSync, type InputType, type ZlibOptions } from "node:zlib";
import { RmtcError } from "@rmtc/contract";
import { replaceFile } from "@rmtc/tensor";
import { TimeSlice } from "../time-slice.ts";
import { linesPerChunk } from "./chunk-table.ts";
import { type ChunkWorkOptions, inLanes, lanesFor } from "./decode-chunks.ts";
import { encodeHeaders, type PartPlan, writtenOrder } from "./encode-headers.ts";
import {
  type ExrChannelInfo,
  type ExrImage,
  type ExrLosslessCompression,
  type ExrPart,
  sampleBytes,
  windowSize,
} from "./exr-image.ts";
import { type ChannelSource, packPlain, packSplit } from "./pack-rows.ts";
import { byName } from "./parse-headers.ts";
import { wordsOf } from "./read-exr.ts";
import { collapseRuns } from "./run-length.ts";

const deflateInPool: (input: InputType, options: ZlibOptions) => Promise<Buffer> = promisify(deflate);

/** How an EXR file is written. */
export interface WriteExrOptions extends ChunkWorkOptions {
  /** Compression of every part. Default: what the part has where that is lossless, else ZIP. */
  readonly compression?: ExrLosslessCompression | undefined;
  /** Effort of ZIP and ZIPS, 1 to 9. Default 2, which makes plates within 2 % of the size OpenEXR's 4 does. */
  readonly level?: number | undefined;
}

const defaultLevel = 2;

/**
 * Writes a picture as a scanline EXR file, multi-part when it has several parts, and puts it in place whole or
 * not at all. The same picture and options always give the same bytes.
 *
 * @throws RMTC_OPTION_INVALID when samples, names or windows do not make a valid file.
 * @throws RMTC_NOT_FOUND, RMTC_ACCESS_DENIED or RMTC_STORE_FULL when the file cannot be written.
 */
export async function writeExr(path: string, image: ExrImage, options: WriteExrOptions = {}): Promise<void> {
  await replaceFile(path, [await exrToBytes(image, options)], options);
}

/** Makes the bytes that {@link writeExr} writes, and throws what it does. */
export async function exrToBytes(image: ExrImage, options: WriteExrOptions = {}): Promise<Uint8Array> {
  if (image.parts.length === 0) throw new RmtcError("RMTC_OPTION_INVALID", "An EXR file needs a part.");
  const plans = image.parts.map((part) => planPart(part, options));
  const head = encodeHeaders(plans);
  const packed: Uint8Array[][] = [];
  for (const plan of plans) packed.push(await packPart(plan, options));
  return await assemble(head, plans, packed, new TimeSlice(options.signal));
}

function planPart(part: ExrPart, options: WriteExrOptions): PartPlan {
  const { width, height } = windowSize(part.dataWindow);
  if (!(width > 0 && height > 0) || !Number.isSafeInteger(width * height)) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `A data window of ${width}x${height} pixels cannot be written.`,
    );
  }
  if (part.channels.size === 0) throw new RmtcError("RMTC_OPTION_INVALID", "An EXR part needs a channel.");
  const channels: ExrChannelInfo[] = [];
  for (const [name, { type, data, linear }] of part.channels) {
    if (data.length !== width * height || sampleBytes[type] !== data.BYTES_PER_ELEMENT) {
      const message = `Channel "${name}" has ${data.length} samples; ${width}x${height} of type ${type} belong there.`;
      throw new RmtcError("RMTC_OPTION_INVALID", message);
    }
    channels.push({ name, type, linear: linear ?? false, xSampling: 1, ySampling: 1 });
  }
  channels.sort(byName);
  const compression = options.compression ?? (isLossless(part.compression) ? part.compression : "zip");
  const chunkCount = Math.ceil(height / linesPerChunk[compression]);
  return { part, channels, compression, chunkCount };
}

function isLossless(compression: string): compression is ExrLosslessCompression {
  return ["none", "rle", "zips", "zip"].includes(compression);
}

/** Packs the chunks of a part, from the top. */
async function packPart(plan: PartPlan, options: WriteExrOptions): Promise<Uint8Array[]> {
  const { width, height } = windowSize(plan.part.dataWindow);
  const sources: ChannelSource[] = plan.channels.map(({ name, type }) => {
    const channel = plan.part.channels.get(name);
    return { type, words: channel === undefined ? new Uint16Array() : wordsOf(channel.data) };
  });
  const rowBytes = plan.channels.reduce((sum, { type }) => sum + sampleBytes[type] * width, 0);
  const lines = linesPerChunk[plan.compression];
  const { lanes, inPool } = lanesFor(options, plan.compression.startsWith("zip") ? rowBytes * lines : 0);
  const zlibOptions = { level: options.level ?? defaultLevel };
  const packed = new Array<Uint8Array>(plan.chunkCount);
  const slice = new TimeSlice(options.signal);
  await inLanes(lanes, packed.keys(), async (index) => {
    if (slice.isOver()) await slice.rest();
    const first = index * lines;
    const rows = Math.min(lines, height - first);
    const bytes = new Uint8Array(rowBytes * rows);
    if (plan.compression !== "none") {
      packSplit(sources, width, first, rows, bytes);
      let smaller: Uint8Array | undefined;
      if (plan.compression === "rle") smaller = collapseRuns(bytes);
      else smaller = inPool ? await deflateInPool(bytes, zlibOptions) : deflateSync(bytes, zlibOptions);
      if (smaller !== undefined && smaller.length < bytes.length) {
        packed[index] = smaller;
        return;
      }
    }
    packPlain(sources, width, first, rows, bytes);
    packed[index] = bytes;
  });
  return packed;
}

async function assemble(
  head: Uint8Array,
  plans: readonly PartPlan[],
  packed: readonly (readonly Uint8Array[])[],
  slice: TimeSlice,
): Promise<Uint8Array> {
  const multiPart = plans.length > 1;
  const leaderBytes = multiPart ? 12 : 8;
  const chunkTotal = plans.reduce((sum, plan) => sum + plan.chunkCount, 0);
  const packedTotal = packed.flat().reduce((sum, chunk) => sum + leaderBytes + chunk.byteLength, 0);
  const bytes = new Uint8Array(head.byteLength + 8 * chunkTotal + packedTotal);
  const view = new DataView(bytes.buffer);
  bytes.set(head);
  let table = head.byteLength;
  let at = table + 8 * chunkTotal;
  for (const [number, plan] of plans.entries()) {
    const chunks = [...(packed[number] ?? []).entries()];
    if (writtenOrder(plan.part) === "decreasing") chunks.reverse();
    for (const [index, chunk] of chunks) {
      if (slice.isOver()) await slice.rest();
      view.setBigUint64(table + 8 * index, BigInt(at), true);
      if (multiPart) view.setInt32(at, number, true);
      const y = plan.part.dataWindow.minY + index * linesPerChunk[plan.compression];
      view.setInt32(at + leaderBytes - 8, y, true);
      view.setInt32(at + leaderBytes - 4, chunk.byteLength, true);
      bytes.set(chunk, at + leaderBytes);
      at += leaderBytes + chunk.byteLength;
    }
    table += 8 * plan.chunkCount;
  }
  return bytes;
}
