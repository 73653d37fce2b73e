// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CropRectangle, PlanSample } from "@rmtc/spec";
import type { LoadedItem } from "./training-item.ts";

/** A crop of an item in memory, as one sample of a batch. */
export interface BatchSample extends Pick<PlanSample, "crop" | "flipX" | "flipY"> {
  readonly item: LoadedItem;
  /** What pixels are multiplied by. */
  readonly gain: number;
}

/** Cuts one slot's crops out of a batch's items into `[n, c, h, w]`, mirrored and scaled as each sample says. */
export function assembleBatch(samples: readonly BatchSample[], slot: string, channels: number): Float32Array {
  const [first] = samples;
  const { width, height } = first?.crop ?? { width: 0, height: 0 };
  const batch = new Float32Array(samples.length * channels * height * width);
  for (const [index, sample] of samples.entries()) {
    const start = index * channels * height * width;
    copyCrop(sample, slot, batch.subarray(start, start + channels * height * width));
  }
  return batch;
}

function copyCrop({ item, crop, flipX, flipY, gain }: BatchSample, slot: string, into: Float32Array): void {
  const { data, channels } = item.slots.get(slot) ?? { data: new Float32Array(), channels: 0 };
  const { width, height } = crop;
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < height; row++) {
      const y = crop.y + (flipY ? height - 1 - row : row);
      const start = (channel * item.height + y) * item.width + crop.x;
      const target = into.subarray(at, at + width);
      target.set(data.subarray(start, start + width));
      if (flipX) target.reverse();
      if (gain !== 1) for (let x = 0; x < width; x++) target[x] = (target[x] ?? 0) * gain;
      at += width;
    }
  }
}

/** Tells whether a crop lies inside an item. */
export function isInside(crop: CropRectangle, item: Pick<LoadedItem, "width" | "height">): boolean {
  return crop.x + crop.width <= item.width && crop.y + crop.height <= item.height;
}
