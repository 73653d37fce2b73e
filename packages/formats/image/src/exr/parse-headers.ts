// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { PixelWindow } from "@rmtc/spec";
import { decodeAttribute, type ExrAttribute } from "./attribute.ts";
import { ByteReader, TruncatedError } from "./byte-reader.ts";
import type { ExrChannelInfo, ExrCompression, ExrHeader, ExrPixelType, ExrTiles } from "./exr-image.ts";

/** The compressions by the byte that stands for them in a file. */
export const compressionCodes: readonly ExrCompression[] = [
  "none",
  "rle",
  "zips",
  "zip",
  "piz",
  "pxr24",
  "b44",
  "b44a",
  "dwaa",
  "dwab",
  "htj2k256",
  "htj2k32",
];

/** The line orders by the byte that stands for them in a file. */
export const lineOrderCodes: readonly ExrHeader["lineOrder"][] = ["increasing", "decreasing", "random"];

/** The pixel types by the number that stands for them in a file. */
export const pixelTypeCodes: readonly ExrPixelType[] = ["uint", "half", "float"];

/** The storages by the string that stands for them in a file. */
export const storageNames: Readonly<Record<ExrHeader["storage"], string>> = {
  scanline: "scanlineimage",
  tiled: "tiledimage",
  deepScanline: "deepscanline",
  deepTiled: "deeptile",
};

/** Flags of the version field. @see https://openexr.com/en/latest/OpenEXRFileLayout.html#version-field */
export const versionFlags: { readonly [flag in "tiled" | "longNames" | "deep" | "multiPart"]: number } = {
  tiled: 0x200,
  longNames: 0x400,
  deep: 0x800,
  multiPart: 0x1000,
};

/** The attributes that {@link ExrHeader} has as fields, and a writer makes anew. */
const ownAttributes: ReadonlySet<string> = new Set([
  "channels",
  "chunkCount",
  "compression",
  "dataWindow",
  "displayWindow",
  "lineOrder",
  "name",
  "pixelAspectRatio",
  "screenWindowCenter",
  "screenWindowWidth",
  "tiles",
  "type",
  "version",
]);

/** All headers of a file, and where the tables behind them start. */
export interface ParsedHeaders {
  readonly headers: readonly ExrHeader[];
  /** Number of chunks as each header has it, in a multi-part file. */
  readonly chunkCounts: readonly (number | undefined)[];
  readonly multiPart: boolean;
  /** First byte of the first part's table of chunk offsets. */
  readonly tableStart: number;
}

/** Tells whether the bytes start as an EXR file does. */
export function isExr(bytes: Uint8Array): boolean {
  return bytes[0] === 0x76 && bytes[1] === 0x2f && bytes[2] === 0x31 && bytes[3] === 0x01;
}

/**
 * Parses the headers of a file from its first bytes.
 *
 * @throws RMTC_FORMAT_INVALID when the bytes end early (then as `TruncatedError`) or break the format.
 * @throws RMTC_FORMAT_UNSUPPORTED when version, flags or compression are unknown.
 */
export function parseHeaders(bytes: Uint8Array): ParsedHeaders {
  const reader = new ByteReader(bytes);
  if (bytes.byteLength >= 4 && !isExr(bytes)) {
    throw new RmtcError("RMTC_FORMAT_INVALID", "The file does not start as an EXR file does.");
  }
  reader.skip(4);
  const version = reader.int32();
  const flags = version & ~0xff;
  const known = Object.values(versionFlags).reduce((all, flag) => all | flag, 0);
  if ((version & 0xff) > 2 || (flags & ~known) !== 0) {
    const message = `The EXR file has version ${version & 0xff} with flags 0x${(flags >>> 0).toString(16)}; 2 is known.`;
    throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", message);
  }
  const multiPart = (flags & versionFlags.multiPart) !== 0;
  const tiled = !multiPart && (flags & versionFlags.tiled) !== 0;
  const headers: ExrHeader[] = [];
  const chunkCounts: (number | undefined)[] = [];
  do {
    const attributes = readAttributes(reader);
    if (attributes.size === 0) break;
    headers.push(makeHeader(attributes, tiled));
    const count = attributes.get("chunkCount");
    chunkCounts.push(count === undefined ? undefined : numbersOf(count, "chunkCount", "int", 1)[0]);
  } while (multiPart);
  if (headers.length === 0) throw new RmtcError("RMTC_FORMAT_INVALID", "The EXR file has no header.");
  return { headers, chunkCounts, multiPart, tableStart: reader.at };
}

function readAttributes(reader: ByteReader): Map<string, ExrAttribute> {
  const attributes = new Map<string, ExrAttribute>();
  for (let name = reader.name(); name !== ""; name = reader.name()) {
    const type = reader.name();
    const size = reader.int32();
    if (size < 0) throw invalid(`attribute "${name}" has a negative size`);
    const start = reader.skip(size);
    if (attributes.has(name)) throw invalid(`attribute "${name}" is there twice`);
    attributes.set(name, { type, bytes: reader.bytes.slice(start, start + size) });
  }
  return attributes;
}

function makeHeader(all: ReadonlyMap<string, ExrAttribute>, tiledFlag: boolean): ExrHeader {
  const required = (name: string): ExrAttribute => {
    const attribute = all.get(name);
    if (attribute === undefined) throw invalid(`the attribute "${name}" is missing`);
    return attribute;
  };
  const code = (name: string, type: string): number => {
    const attribute = required(name);
    if (attribute.type !== type || attribute.bytes.byteLength !== 1) throw invalid(`"${name}" is no ${type}`);
    return attribute.bytes[0] as number;
  };
  const compressionCode = code("compression", "compression");
  const compression = compressionCodes[compressionCode];
  if (compression === undefined) {
    throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", `The EXR compression ${compressionCode} is unknown.`);
  }
  const lineOrder = lineOrderCodes[code("lineOrder", "lineOrder")];
  if (lineOrder === undefined) throw invalid('"lineOrder" has an unknown value');
  const storage = storageOf(all.get("type"), tiledFlag);
  const [x, y] = numbersOf(required("screenWindowCenter"), "screenWindowCenter", "v2f", 2);
  const name = all.get("name");
  const single = (attribute: string): number =>
    numbersOf(required(attribute), attribute, "float", 1)[0] as number;
  return {
    ...(name === undefined ? {} : { name: Buffer.from(name.bytes).toString("utf8") }),
    storage,
    compression,
    dataWindow: windowOf(required("dataWindow"), "dataWindow"),
    displayWindow: windowOf(required("displayWindow"), "displayWindow"),
    lineOrder,
    pixelAspectRatio: single("pixelAspectRatio"),
    screenWindowCenter: { x: x as number, y: y as number },
    screenWindowWidth: single("screenWindowWidth"),
    ...(storage === "tiled" || storage === "deepTiled" ? { tiles: tilesOf(required("tiles")) } : {}),
    channels: channelsOf(required("channels")),
    attributes: new Map([...all].filter(([attribute]) => !ownAttributes.has(attribute))),
  };
}

function storageOf(type: ExrAttribute | undefined, tiledFlag: boolean): ExrHeader["storage"] {
  if (type === undefined || tiledFlag) return tiledFlag ? "tiled" : "scanline";
  const text = Buffer.from(type.bytes).toString("utf8");
  for (const [storage, name] of Object.entries(storageNames)) {
    if (name === text) return storage as ExrHeader["storage"];
  }
  throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", `The EXR file has a part of unknown type "${text}".`);
}

function numbersOf(attribute: ExrAttribute, name: string, type: string, count: number): readonly number[] {
  const value = attribute.type === type ? decodeAttribute(attribute) : undefined;
  const numbers = typeof value === "number" ? [value] : value;
  if (!Array.isArray(numbers) || numbers.length !== count) throw invalid(`"${name}" is no ${type}`);
  return numbers as number[];
}

function windowOf(attribute: ExrAttribute, name: string): PixelWindow {
  const [minX, minY, maxX, maxY] = numbersOf(attribute, name, "box2i", 4) as [number, number, number, number];
  if (maxX < minX || maxY < minY) throw invalid(`"${name}" is empty: ${minX},${minY} to ${maxX},${maxY}`);
  return { minX, minY, maxX, maxY };
}

function tilesOf(attribute: ExrAttribute): ExrTiles {
  if (attribute.type !== "tiledesc" || attribute.bytes.byteLength !== 9)
    throw invalid('"tiles" is no tiledesc');
  const reader = new ByteReader(attribute.bytes);
  const width = reader.int32();
  const height = reader.int32();
  if (width < 1 || height < 1) throw invalid(`its tiles are ${width}x${height}`);
  return { width, height, mode: reader.byte() };
}

function channelsOf(attribute: ExrAttribute): readonly ExrChannelInfo[] {
  if (attribute.type !== "chlist") throw invalid('"channels" is no chlist');
  const reader = new ByteReader(attribute.bytes);
  const channels = new Map<string, ExrChannelInfo>();
  try {
    for (let name = reader.name(); name !== ""; name = reader.name()) {
      if (channels.has(name)) throw invalid(`channel "${name}" is there twice`);
      channels.set(name, readChannel(reader, name));
    }
  } catch (error) {
    // The attribute is whole: more bytes of the file would not cure this one.
    throw error instanceof TruncatedError ? invalid("its channel list is cut off") : error;
  }
  if (channels.size === 0) throw invalid("it has no channels");
  return [...channels.values()].sort(byName);
}

function readChannel(reader: ByteReader, name: string): ExrChannelInfo {
  const type = pixelTypeCodes[reader.int32()];
  const linear = reader.byte() !== 0;
  reader.skip(3);
  const xSampling = reader.int32();
  const ySampling = reader.int32();
  if (type === undefined) throw invalid(`channel "${name}" has an unknown pixel type`);
  if (xSampling < 1 || ySampling < 1) throw invalid(`channel "${name}" has a sampling below 1`);
  return { name, type, linear, xSampling, ySampling };
}

/** Orders channels by the bytes of their names, as OpenEXR stores them. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
}

function invalid(fault: string): RmtcError {
  return new RmtcError("RMTC_FORMAT_INVALID", `The EXR header is damaged: ${fault}.`);
}
