// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { openRegularFile, readFully } from "@rmtc/tensor";
import { TruncatedError } from "./byte-reader.ts";
import { findChunks } from "./chunk-table.ts";
import { type ChunkWorkOptions, decodeChunks } from "./decode-chunks.ts";
import {
  type ExrChannel,
  type ExrChannelInfo,
  type ExrHeader,
  type ExrImage,
  type ExrPart,
  type ExrPixelType,
  sampleBytes,
  windowSize,
} from "./exr-image.ts";
import { type ParsedHeaders, parseHeaders } from "./parse-headers.ts";
import type { ChannelSink, SampleTarget } from "./unpack-row.ts";

/** What is read of an EXR file, and how. */
export interface ReadExrOptions extends ChunkWorkOptions {
  /** Numbers of the parts to read; default all. */
  readonly parts?: readonly number[] | undefined;
  /** Names of the channels to read; others cost no conversion and no memory. Default all. */
  readonly channels?: readonly string[] | undefined;
  /** Most pixels a data window may have. Default 2²⁸. */
  readonly maxPixels?: number | undefined;
}

const defaultMaxPixels = 2 ** 28;

/** Most bytes a row of all channels may have, which bounds the work between two turns of the event loop. */
const maxRowBytes = 2 ** 26;

/** Longest header that is read. */
const maxHeaderBytes = 2 ** 25;

/** Largest file that is read, since a whole one lies in memory. */
const maxFileBytes = 2 ** 32;

const firstReadBytes = 2 ** 16;

/**
 * Reads the header of every part, and no pixels; of a file only its first bytes.
 *
 * @throws RMTC_NOT_FOUND or RMTC_ACCESS_DENIED when the file cannot be opened.
 * @throws RMTC_FORMAT_INVALID when it is no EXR file, cut off or damaged.
 * @throws RMTC_FORMAT_UNSUPPORTED when its version or compression is unknown.
 */
export async function readExrHeaders(
  source: string | Uint8Array,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly ExrHeader[]> {
  if (typeof source !== "string") return parseHeaders(source).headers;
  const { handle, fileBytes } = await openRegularFile(source);
  try {
    for (let length = firstReadBytes; ; length *= 4) {
      const bytes = new Uint8Array(Math.min(length, fileBytes));
      await readFully(handle, bytes, 0, options.signal);
      try {
        return parseHeaders(bytes).headers;
      } catch (error) {
        const mayGoOn = error instanceof TruncatedError && length < fileBytes;
        if (!mayGoOn) throw about(source, error);
        if (length >= maxHeaderBytes) {
          throw new RmtcError("RMTC_LIMIT_EXCEEDED", `The EXR header of ${source} is above 32 MiB.`);
        }
      }
    }
  } finally {
    await handle.close();
  }
}

/**
 * Reads an EXR file, or one in memory: scanlines or the full resolution of tiles, without compression or with
 * RLE, ZIPS or ZIP. The event loop is never held for more than a few milliseconds.
 *
 * @throws RMTC_NOT_FOUND or RMTC_ACCESS_DENIED when the file cannot be opened.
 * @throws RMTC_FORMAT_INVALID when it is no EXR file, cut off or damaged.
 * @throws RMTC_FORMAT_UNSUPPORTED when a part is deep, subsampled or compressed in another way.
 * @throws RMTC_LAYOUT_MISMATCH when no part read has a channel that was asked for.
 * @throws RMTC_LIMIT_EXCEEDED when a data window has more pixels than `maxPixels`.
 */
export async function readExr(source: string | Uint8Array, options: ReadExrOptions = {}): Promise<ExrImage> {
  const file = await openExr(source, options);
  const numbers = options.parts ?? [...file.parsed.headers.keys()];
  const wanted = options.channels === undefined ? undefined : new Set(options.channels);
  const headers = numbers.map((number) => file.header(number));
  for (const name of wanted ?? []) {
    if (!headers.some((header) => header.channels.some((channel) => channel.name === name))) {
      throw missingChannel(name, headers);
    }
  }
  const parts: ExrPart[] = [];
  for (const [index, number] of numbers.entries()) {
    const { channels: infos, ...info } = headers[index] as ExrHeader;
    const { width, height } = windowSize(info.dataWindow);
    const channels = new Map<string, ExrChannel>();
    await file.decode(number, ({ name, type, linear }) => {
      if (wanted !== undefined && !wanted.has(name)) return undefined;
      const channel = { type, data: newSamples(type, width * height), linear };
      channels.set(name, channel);
      return { words: wordsOf(channel.data), offset: 0, stride: 1, rowStride: width };
    });
    parts.push({ ...info, channels });
  }
  return { parts };
}

/** An EXR file in memory whose headers are known. */
export interface OpenedExr {
  readonly parsed: ParsedHeaders;
  /** Gives the header of a part. @throws RMTC_LAYOUT_MISMATCH when there is no such part. */
  header(part: number): ExrHeader;
  /** Unpacks a part's channels into the targets that `targetOf` names, once the whole part is known to be there. */
  decode(part: number, targetOf: (channel: ExrChannelInfo) => SampleTarget | undefined): Promise<void>;
}

/** Brings an EXR file into memory and parses its headers. Throws what {@link readExr} does. */
export async function openExr(source: string | Uint8Array, options: ReadExrOptions): Promise<OpenedExr> {
  const bytes = typeof source === "string" ? await readWhole(source, options) : source;
  const parsed = translating(source, () => parseHeaders(bytes));
  const header = (part: number): ExrHeader => {
    const found = parsed.headers[part];
    if (found === undefined) {
      const message = `The EXR file has ${parsed.headers.length} parts, and none with number ${part}.`;
      throw new RmtcError("RMTC_LAYOUT_MISMATCH", message);
    }
    return found;
  };
  return {
    parsed,
    header,
    decode: async (part, targetOf) => {
      const info = header(part);
      const chunks = translating(source, () => {
        checkReadable(info, options.maxPixels ?? defaultMaxPixels);
        return findChunks(bytes, parsed, part);
      });
      const sinks: ChannelSink[] = info.channels.map((channel) => ({ channel, target: targetOf(channel) }));
      if (sinks.every(({ target }) => target === undefined)) return;
      try {
        await decodeChunks(bytes, chunks, info.compression, sinks, options);
      } catch (error) {
        throw about(source, error);
      }
    },
  };
}

/** Gives a channel's samples as words of their bits. */
export function wordsOf(data: ExrChannel["data"]): Uint16Array | Uint32Array {
  return data.BYTES_PER_ELEMENT === 2
    ? new Uint16Array(data.buffer, data.byteOffset, data.length)
    : new Uint32Array(data.buffer, data.byteOffset, data.length);
}

/** Makes the error for a channel that is asked for and not there. */
export function missingChannel(name: string, headers: readonly ExrHeader[]): RmtcError {
  const present = new Set(headers.flatMap((header) => header.channels.map((channel) => channel.name)));
  const list = [...present].slice(0, 32).join(", ");
  return new RmtcError("RMTC_LAYOUT_MISMATCH", `The EXR file has no channel "${name}"; it has ${list}.`);
}

function newSamples(type: ExrPixelType, count: number): ExrChannel["data"] {
  if (type === "half") return new Float16Array(count);
  return type === "float" ? new Float32Array(count) : new Uint32Array(count);
}

async function readWhole(path: string, options: ReadExrOptions): Promise<Uint8Array> {
  const { handle, fileBytes } = await openRegularFile(path);
  try {
    const first = new Uint8Array(Math.min(firstReadBytes, fileBytes));
    await readFully(handle, first, 0, options.signal);
    try {
      parseHeaders(first);
    } catch (error) {
      if (!(error instanceof TruncatedError)) throw about(path, error);
    }
    if (fileBytes > maxFileBytes) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `${path} has ${fileBytes} bytes; EXR files are read up to 4 GiB.`,
      );
    }
    if (first.byteLength === fileBytes) return first;
    const bytes = new Uint8Array(fileBytes);
    bytes.set(first);
    await readFully(handle, bytes.subarray(first.byteLength), first.byteLength, options.signal);
    return bytes;
  } finally {
    await handle.close();
  }
}

function checkReadable(header: ExrHeader, maxPixels: number): void {
  const { width, height } = windowSize(header.dataWindow);
  const rowBytes = header.channels.reduce((sum, channel) => sum + width * sampleBytes[channel.type], 0);
  if (width * height > maxPixels || rowBytes > maxRowBytes) {
    const message = `The data window has ${width}x${height} pixels in ${header.channels.length} channels; ${maxPixels} pixels and 64 MiB a row are allowed.`;
    throw new RmtcError("RMTC_LIMIT_EXCEEDED", message);
  }
  if (header.storage === "deepScanline" || header.storage === "deepTiled") {
    throw unsupported("deep", "oiiotool in.exr --flatten --compression zip -o out.exr");
  }
  if (!["none", "rle", "zips", "zip"].includes(header.compression)) {
    throw unsupported(
      `compressed with ${header.compression}`,
      "oiiotool in.exr --compression zip -o out.exr",
    );
  }
  const sampled = header.channels.find(({ xSampling, ySampling }) => xSampling !== 1 || ySampling !== 1);
  if (sampled !== undefined) {
    throw unsupported(
      `subsampled in channel "${sampled.name}"`,
      "render or export it as RGB without chroma subsampling",
    );
  }
}

function unsupported(what: string, advice: string): RmtcError {
  return new RmtcError(
    "RMTC_FORMAT_UNSUPPORTED",
    `The EXR part is ${what}, which is not read here. Convert it: ${advice}`,
  );
}

function translating<Result>(source: string | Uint8Array, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    throw about(source, error);
  }
}

/** Adds the path to an error of ours. */
function about(source: string | Uint8Array, error: unknown): unknown {
  if (!(error instanceof RmtcError) || typeof source !== "string" || error.subject !== undefined)
    return error;
  return new RmtcError(error.code, `${source}: ${error.message}`, { subject: source, cause: error });
}
