// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { PixelWindow, TensorLayout } from "@rmtc/spec";
import { openRegularFile, readFully, type Tensor, zeroTensor } from "@rmtc/tensor";
import { type ExrHeader, windowSize } from "./exr/exr-image.ts";
import { isExr } from "./exr/parse-headers.ts";
import { missingChannel, openExr, readExr, readExrHeaders, wordsOf } from "./exr/read-exr.ts";
import { exrToTensor } from "./exr-to-tensor.ts";
import { commonDtype, exrLayout, inViewOrder } from "./image-layout.ts";
import { pngChannels, pngLayout, readPng } from "./png/png.ts";
import { isPng, parsePngHeader, pngHeadBytes } from "./png/png-chunks.ts";

/** What an image file holds, without its pixels. */
export interface ImageInfo {
  readonly format: "exr" | "png";
  /** Size of the data window in pixels. */
  readonly width: number;
  readonly height: number;
  /** All channels of the part, layer by layer, red, green, blue and alpha first in each. */
  readonly channels: readonly string[];
  /** The layout of the tensor that `readImage` makes of all these channels. */
  readonly layout: TensorLayout;
  readonly displayWindow: PixelWindow;
  readonly dataWindow: PixelWindow;
  readonly colorInteropId?: string | undefined;
  /** The names of all parts of the file; "" for one without a name. */
  readonly partNames: readonly string[];
}

/** What is read of an image file. */
export interface ReadImageOptions {
  /** Channels in the order wanted; default all, as `probeImage` lists them. */
  readonly channels?: readonly string[] | undefined;
  /** Number of the part. Default 0. */
  readonly part?: number | undefined;
  /** Most pixels an image may have. Default 2²⁸. */
  readonly maxPixels?: number | undefined;
  /** Threads of Node's pool that unpack at a time; see `readExr`. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads what an EXR or PNG file holds from its first bytes, whatever it is called.
 *
 * @throws RMTC_NOT_FOUND or RMTC_ACCESS_DENIED when the file cannot be opened.
 * @throws RMTC_FORMAT_INVALID when its header is cut off or damaged.
 * @throws RMTC_FORMAT_UNSUPPORTED when it is another format.
 * @throws RMTC_LAYOUT_MISMATCH when it has no such part.
 */
export async function probeImage(
  path: string,
  options: { readonly part?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<ImageInfo> {
  const head = await readHead(path, options.signal);
  if (isExr(head)) return exrInfo(await readExrHeaders(path, options), options.part ?? 0);
  if (!isPng(head)) throw unknownFormat(path);
  requirePart(1, options.part ?? 0);
  const header = parsePngHeader(head);
  const { width, height, depth } = header;
  return imageInfo("png", pngLayout(width, height, pngChannels(header), depth === 16 ? 2 : 1), [""]);
}

/**
 * Reads an EXR or PNG file to an HWC tensor with its layout.
 *
 * Samples keep their type: half gives F16, float (or half with float) F32, uint U32, 8 bits U8, 16 bits U16.
 *
 * @throws RMTC_NOT_FOUND or RMTC_ACCESS_DENIED when the file cannot be opened.
 * @throws RMTC_FORMAT_INVALID when it is cut off or damaged.
 * @throws RMTC_FORMAT_UNSUPPORTED when it is another format, or uses what is not read here.
 * @throws RMTC_LAYOUT_MISMATCH when it has no such part or channel.
 * @throws RMTC_LIMIT_EXCEEDED when it has more pixels than `maxPixels`.
 */
export async function readImage(path: string, options: ReadImageOptions = {}): Promise<Tensor> {
  const head = await readHead(path, options.signal);
  if (isExr(head)) return await readExrTensor(path, options);
  if (!isPng(head)) throw unknownFormat(path);
  requirePart(1, options.part ?? 0);
  const tensor = await readPng(path, options);
  return options.channels === undefined ? tensor : pickChannels(tensor, options.channels, path);
}

async function readExrTensor(path: string, options: ReadImageOptions): Promise<Tensor> {
  const part = options.part ?? 0;
  const file = await openExr(path, options);
  const header = file.header(part);
  const names = options.channels ?? inViewOrder(header.channels.map(({ name }) => name));
  const types = names.map((name) => {
    const channel = header.channels.find((candidate) => candidate.name === name);
    if (channel === undefined) throw missingChannel(name, [header]);
    return channel.type;
  });
  if (new Set(types).size > 1 || new Set(names).size !== names.length) {
    const image = await readExr(path, { ...options, parts: [part], channels: names });
    return await exrToTensor(image.parts[0] as (typeof image.parts)[number], names, options);
  }
  // Samples of one type go straight to their place among the others.
  const layout = exrLayout(header, names, commonDtype(types));
  let tensor: Tensor | undefined;
  await file.decode(part, ({ name }) => {
    const channel = names.indexOf(name);
    if (channel < 0) return undefined;
    tensor ??= zeroTensor(layout.dtype, layout.shape, layout);
    const words = wordsOf(tensor.data as Float16Array | Float32Array | Uint32Array);
    const { width } = windowSize(header.dataWindow);
    return { words, offset: channel, stride: names.length, rowStride: width * names.length };
  });
  return tensor ?? zeroTensor(layout.dtype, layout.shape, layout);
}

function exrInfo(headers: readonly ExrHeader[], part: number): ImageInfo {
  requirePart(headers.length, part);
  const header = headers[part] as ExrHeader;
  const channels = inViewOrder(header.channels.map(({ name }) => name));
  const layout = exrLayout(header, channels, commonDtype(header.channels.map(({ type }) => type)));
  return imageInfo(
    "exr",
    layout,
    headers.map(({ name }) => name ?? ""),
  );
}

function imageInfo(
  format: ImageInfo["format"],
  layout: TensorLayout,
  partNames: readonly string[],
): ImageInfo {
  const [height, width] = layout.shape as [number, number];
  const window = { minX: 0, minY: 0, maxX: width - 1, maxY: height - 1 };
  return {
    format,
    width,
    height,
    channels: layout.channels ?? [],
    layout,
    displayWindow: layout.displayWindow ?? window,
    dataWindow: layout.dataWindow ?? window,
    ...(layout.colorInteropId === undefined ? {} : { colorInteropId: layout.colorInteropId }),
    partNames,
  };
}

function pickChannels(tensor: Tensor, names: readonly string[], path: string): Tensor {
  const layout = tensor.layout as TensorLayout;
  const present = layout.channels ?? [];
  if (names.join("\0") === present.join("\0")) return tensor;
  const from = names.map((name) => {
    const index = present.indexOf(name);
    if (index < 0) {
      const message = `${path} has no channel "${name}"; it has ${present.join(", ")}.`;
      throw new RmtcError("RMTC_LAYOUT_MISMATCH", message, { subject: path });
    }
    return index;
  });
  const shape = [...tensor.shape.slice(0, 2), names.length];
  const alpha = names.includes("A") ? (layout.alpha ?? "none") : "none";
  const picked = zeroTensor(tensor.dtype, shape, { ...layout, shape, channels: [...names], alpha });
  for (let pixel = 0, to = 0; to < picked.data.length; pixel += present.length) {
    for (const channel of from) picked.data[to++] = tensor.data[pixel + channel] as number;
  }
  return picked;
}

async function readHead(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { handle, fileBytes } = await openRegularFile(path);
  try {
    const head = new Uint8Array(Math.min(pngHeadBytes, fileBytes));
    await readFully(handle, head, 0, signal);
    return head;
  } finally {
    await handle.close();
  }
}

function requirePart(count: number, part: number): void {
  if (!Number.isInteger(part) || part < 0 || part >= count) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `The image has ${count} parts, and none with number ${part}.`,
    );
  }
}

function unknownFormat(path: string): RmtcError {
  const message = `${path} is neither EXR nor PNG. Convert it: oiiotool ${path} --compression zip -o out.exr`;
  return new RmtcError("RMTC_FORMAT_UNSUPPORTED", message, { subject: path });
}
