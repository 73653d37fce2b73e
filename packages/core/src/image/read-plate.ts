// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { RmtcError } from "@rmtc/contract";
import {
  commonDtype,
  type ExrHeader,
  type ExrImage,
  exrLayout,
  exrPartFromTensor,
  inViewOrder,
  readExr,
  readExrHeaders,
  readPng,
} from "@rmtc/image";
import type { FileLayout } from "@rmtc/spec";
import { convertTensor, findNonFinite, type Tensor } from "@rmtc/tensor";

/** An image with all of its channels, whatever file it came from. */
export interface Plate {
  readonly image: ExrImage;
  /** The layout of each layer, as an asset's record lists it, without the path. */
  readonly layouts: readonly Omit<FileLayout, "path">[];
}

/** Samples looked at in one turn of the event loop: some milliseconds of work. */
const samplesAtOnce = 1024 * 1024;

interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads an EXR or PNG image. Integer samples of a PNG become floats from 0 to 1.
 *
 * @param mediaType Which of the two it is.
 * @throws RMTC_FORMAT_INVALID when the file is cut off or damaged.
 */
export async function readPlate(path: string, mediaType: string, options: ReadOptions = {}): Promise<Plate> {
  if (mediaType === "image/png") {
    const tensor = await readPng(path, options);
    return {
      image: { parts: [await exrPartFromTensor(normalized(tensor), options)] },
      layouts: pngLayouts(tensor),
    };
  }
  const image = await readExr(path, options);
  const headers = image.parts.map(
    ({ channels, ...info }): ExrHeader => ({
      ...info,
      channels: [...channels].map(([name, { type }]) => ({
        name,
        type,
        linear: false,
        xSampling: 1,
        ySampling: 1,
      })),
    }),
  );
  return { image, layouts: exrLayouts(headers) };
}

/**
 * Reads only what an image says of itself; a damaged pixel goes unnoticed.
 *
 * @throws RMTC_FORMAT_INVALID when the header is cut off or damaged.
 */
export async function probePlate(
  path: string,
  mediaType: string,
  options: ReadOptions = {},
): Promise<Plate["layouts"]> {
  if (mediaType === "image/png") return pngLayouts(await readPng(path, options));
  return exrLayouts(await readExrHeaders(path, options));
}

/**
 * Refuses an image with a sample that is no number.
 *
 * @throws RMTC_VALUE_INVALID with channel and pixel.
 */
export async function requireFinite(path: string, image: ExrImage, options: ReadOptions = {}): Promise<void> {
  for (const part of image.parts) {
    const width = part.dataWindow.maxX - part.dataWindow.minX + 1;
    const rows = Math.max(1, Math.floor(samplesAtOnce / width));
    for (const [name, { type, data }] of part.channels) {
      if (type === "uint") continue;
      for (let start = 0; start < data.length; start += rows * width) {
        const band = data.subarray(start, start + rows * width);
        const found = findNonFinite({
          dtype: type === "half" ? "F16" : "F32",
          shape: [band.length / width, width],
          data: band,
        });
        if (found !== undefined) {
          const [row = 0, column = 0] = found.position;
          const y = part.dataWindow.minY + start / width + row;
          throw new RmtcError(
            "RMTC_VALUE_INVALID",
            `${path}: channel ${name} holds ${found.value} at x ${part.dataWindow.minX + column}, y ${y}. Repair the pixel and ingest again.`,
            { subject: path },
          );
        }
        await setImmediate();
        options.signal?.throwIfAborted();
      }
    }
  }
}

function exrLayouts(headers: readonly ExrHeader[]): Omit<FileLayout, "path">[] {
  return headers.flatMap((header, part) => {
    const layers = Map.groupBy(header.channels, ({ name }) =>
      name.slice(0, Math.max(0, name.lastIndexOf("."))),
    );
    return [...layers].map(([layer, channels]) => ({
      ...(headers.length > 1 ? { part } : {}),
      layer,
      layout: exrLayout(
        header,
        inViewOrder(channels.map(({ name }) => name)),
        commonDtype(channels.map(({ type }) => type)),
      ),
    }));
  });
}

function pngLayouts(tensor: Tensor): Omit<FileLayout, "path">[] {
  return tensor.layout === undefined ? [] : [{ layer: "", layout: tensor.layout }];
}

/** 8- and 16-bit samples as floats from 0 to 1. */
function normalized(tensor: Tensor): Tensor {
  const float = convertTensor(tensor, "F32");
  const scale = tensor.dtype === "U16" ? 65_535 : tensor.dtype === "U8" ? 255 : 1;
  const data = (float.data as Float32Array).map((value) => value / scale);
  return { ...float, data };
}
