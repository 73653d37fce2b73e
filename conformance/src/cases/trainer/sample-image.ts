// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { writeFile } from "node:fs/promises";
import { exrPartFromTensor, exrToBytes } from "@rmtc/image";
import { tensorOf } from "@rmtc/tensor";

/** Gives the value of a pixel, its column counted from the left and its row from the top. */
export type Pixel = (x: number, y: number) => number;

/**
 * Writes an image for a trainer to read: EXR of one part, scanlines without compression, 32-bit floats.
 *
 * That is the simplest file which holds any value under any channel name.
 */
export async function writeSampleImage(
  path: string,
  [width, height]: readonly [number, number],
  channels: Readonly<Record<string, Pixel>>,
): Promise<void> {
  const names = Object.keys(channels);
  const values = new Float32Array(width * height * names.length);
  for (const [channel, pixel] of Object.values(channels).entries()) {
    for (let at = 0; at < width * height; at++) {
      values[at * names.length + channel] = pixel(at % width, Math.floor(at / width));
    }
  }
  const part = await exrPartFromTensor(tensorOf("F32", [height, width, names.length], values), { names });
  await writeFile(path, await exrToBytes({ parts: [part] }, { compression: "none" }));
}
