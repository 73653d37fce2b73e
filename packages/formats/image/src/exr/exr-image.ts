// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PixelWindow } from "@rmtc/spec";
import type { ExrAttribute } from "./attribute.ts";

/** Type of a channel's samples: 32-bit unsigned, 16-bit float, 32-bit float. */
export type ExrPixelType = "uint" | "half" | "float";

/** How a part is compressed, by the names OpenImageIO uses. */
export type ExrCompression =
  | "none"
  | "rle"
  | "zips"
  | "zip"
  | "piz"
  | "pxr24"
  | "b44"
  | "b44a"
  | "dwaa"
  | "dwab"
  | "htj2k256"
  | "htj2k32";

/** The compressions that are read and written here. */
export type ExrLosslessCompression = "none" | "rle" | "zips" | "zip";

/** One entry of a part's channel list. */
export interface ExrChannelInfo {
  /** Name with its layers, such as `diffuse.R`. */
  readonly name: string;
  readonly type: ExrPixelType;
  /** The `pLinear` flag: a hint for lossy compression, kept as it is. */
  readonly linear: boolean;
  /** Every how many columns and rows there is a sample; 1 and 1 but for subsampled chroma. */
  readonly xSampling: number;
  readonly ySampling: number;
}

/** Size of tiles and how levels are made, of a tiled part. */
export interface ExrTiles {
  readonly width: number;
  readonly height: number;
  /** Level mode and rounding, as the file codes them. */
  readonly mode: number;
}

/** What a part says of itself, apart from its channels. */
export interface ExrPartInfo {
  /** Name of the part, which multi-part files need. */
  readonly name?: string | undefined;
  readonly storage: "scanline" | "tiled" | "deepScanline" | "deepTiled";
  readonly compression: ExrCompression;
  /** The pixels that are there. */
  readonly dataWindow: PixelWindow;
  /** The pixels that are meant to be seen. */
  readonly displayWindow: PixelWindow;
  readonly lineOrder: "increasing" | "decreasing" | "random";
  readonly pixelAspectRatio: number;
  readonly screenWindowCenter: { readonly x: number; readonly y: number };
  readonly screenWindowWidth: number;
  readonly tiles?: ExrTiles | undefined;
  /** Every attribute that is not among the fields above, by name, bit for bit. */
  readonly attributes: ReadonlyMap<string, ExrAttribute>;
}

/** The header of one part. */
export interface ExrHeader extends ExrPartInfo {
  /** All channels, by name in byte order, which is the order of their samples in the file. */
  readonly channels: readonly ExrChannelInfo[];
}

/** The samples of one channel, row by row from the top, as many as the data window has pixels. */
export interface ExrChannel {
  readonly type: ExrPixelType;
  readonly data: Float16Array | Float32Array | Uint32Array;
  readonly linear?: boolean | undefined;
}

/** One part with the samples of the channels that were read. */
export interface ExrPart extends ExrPartInfo {
  readonly channels: ReadonlyMap<string, ExrChannel>;
}

/** A picture: one part, or several. */
export interface ExrImage {
  readonly parts: readonly ExrPart[];
}

/** Bytes of one sample. */
export const sampleBytes: Readonly<Record<ExrPixelType, 2 | 4>> = { uint: 4, half: 2, float: 4 };

/** Number of columns and rows of a window. */
export function windowSize(window: PixelWindow): { readonly width: number; readonly height: number } {
  return { width: window.maxX - window.minX + 1, height: window.maxY - window.minY + 1 };
}
