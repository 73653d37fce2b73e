// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype, PixelWindow } from "@rmtc/spec";
import type { Tensor } from "@rmtc/tensor";
import { type ExrAttribute, encodeAttribute } from "./exr/attribute.ts";
import { type ExrChannel, type ExrPart, type ExrPixelType, windowSize } from "./exr/exr-image.ts";
import { wordsOf } from "./exr/read-exr.ts";
import { imageShape } from "./image-layout.ts";
import { TimeSlice } from "./time-slice.ts";

/** Samples moved at a stretch. */
const stretchSamples = 2 ** 18;

const pixelTypes: Partial<Record<Dtype, ExrPixelType>> = { F16: "half", F32: "float", U32: "uint" };

/**
 * Adds the channels of an HWC tensor to a part, bit for bit; the part's own channels and attributes stay.
 *
 * @param names A name for each channel of the tensor.
 * @returns A new part that shares the samples of the old one.
 * @throws RMTC_LAYOUT_MISMATCH when size, data window, axes, origin, element type or number of names do not fit.
 * @throws RMTC_OPTION_INVALID when the part has a channel of such a name already.
 */
export async function addChannels(
  part: ExrPart,
  names: readonly string[],
  tensor: Tensor,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ExrPart> {
  const { width, height } = windowSize(part.dataWindow);
  const shape = imageShape(tensor.shape, tensor.layout);
  const own = tensor.layout?.dataWindow;
  if (
    shape.width !== width ||
    shape.height !== height ||
    (own !== undefined && !same(own, part.dataWindow))
  ) {
    const message = `The part has a data window of ${width}x${height} pixels; the tensor has ${shape.width}x${shape.height}, or lies elsewhere.`;
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", message);
  }
  const taken = names.find((name, index) => part.channels.has(name) || names.indexOf(name) !== index);
  if (taken !== undefined) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `The part has a channel "${taken}" already; choose another name.`,
    );
  }
  const added = await splitChannels(tensor, names, options.signal);
  return { ...part, channels: new Map([...part.channels, ...added]) };
}

/**
 * Makes a scanline ZIP part of an HWC tensor, with the windows, pixel aspect ratio and colour interop id of its
 * layout; without a layout both windows start at 0, 0.
 *
 * @param names A name for each channel; default those of the layout.
 * @throws RMTC_LAYOUT_MISMATCH when axes, origin, element type or number of names do not fit.
 */
export async function exrPartFromTensor(
  tensor: Tensor,
  options: { readonly names?: readonly string[] | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<ExrPart> {
  const { layout } = tensor;
  const { width, height } = imageShape(tensor.shape, layout);
  const names = options.names ?? layout?.channels ?? [];
  const dataWindow = layout?.dataWindow ?? { minX: 0, minY: 0, maxX: width - 1, maxY: height - 1 };
  const attributes = new Map<string, ExrAttribute>();
  if (layout?.colorInteropId !== undefined) {
    attributes.set("colorInteropID", encodeAttribute("string", layout.colorInteropId));
  }
  return {
    storage: "scanline",
    compression: "zip",
    dataWindow,
    displayWindow: layout?.displayWindow ?? dataWindow,
    lineOrder: "increasing",
    pixelAspectRatio: layout?.pixelAspectRatio ?? 1,
    screenWindowCenter: { x: 0, y: 0 },
    screenWindowWidth: 1,
    attributes,
    channels: await splitChannels(tensor, names, options.signal),
  };
}

async function splitChannels(
  tensor: Tensor,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, ExrChannel>> {
  const { width, height, channels: count } = imageShape(tensor.shape, tensor.layout);
  const type = pixelTypes[tensor.dtype];
  if (type === undefined) {
    const message = `EXR holds F16, F32 and U32, not ${tensor.dtype}. Convert the tensor with convertTensor.`;
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", message);
  }
  if (names.length !== count) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `The tensor has ${count} channels; ${names.length} names were given.`,
    );
  }
  const words = wordsOf(tensor.data as ExrChannel["data"]);
  const slice = new TimeSlice(signal);
  const channels = new Map<string, ExrChannel>();
  for (const [index, name] of names.entries()) {
    const data = newSamples(type, width * height);
    const target = wordsOf(data);
    for (let start = 0; start < target.length; start += stretchSamples) {
      if (slice.isOver()) await slice.rest();
      gather(words, index, count, target, start, Math.min(start + stretchSamples, target.length));
    }
    channels.set(name, { type, data });
  }
  return channels;
}

function newSamples(type: ExrPixelType, count: number): ExrChannel["data"] {
  if (type === "half") return new Float16Array(count);
  return type === "float" ? new Float32Array(count) : new Uint32Array(count);
}

function gather(
  source: Uint16Array | Uint32Array,
  channel: number,
  channels: number,
  target: Uint16Array | Uint32Array,
  start: number,
  end: number,
): void {
  for (let i = start, from = start * channels + channel; i < end; i++, from += channels) {
    target[i] = source[from] as number;
  }
}

function same(a: PixelWindow, b: PixelWindow): boolean {
  return a.minX === b.minX && a.minY === b.minY && a.maxX === b.maxX && a.maxY === b.maxY;
}
