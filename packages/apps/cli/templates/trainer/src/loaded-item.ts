// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type TrainingItem, type TrainingJob } from "@rmtc/contract";
import { readImage } from "@rmtc/image";
import type { PlanSample } from "@rmtc/spec";
import { findNonFinite, type Tensor } from "@rmtc/tensor";

/** The images of an item, by slot, as [height, width, channels]. */
export interface LoadedItem {
  readonly key: string;
  readonly width: number;
  readonly height: number;
  readonly slots: ReadonlyMap<string, Tensor>;
}

/**
 * Reads the input and the targets of an item.
 *
 * @throws RMTC_LAYOUT_MISMATCH when its slots differ in size or have other channels than the network.
 * @throws RMTC_VALUE_INVALID when a pixel is NaN or infinite.
 */
export async function loadItem(
  { inputs, losses }: TrainingJob,
  { key, slots }: TrainingItem,
  channels: number,
  turn: () => Promise<void>,
): Promise<LoadedItem> {
  const mismatch = (problem: string): RmtcError =>
    new RmtcError("RMTC_LAYOUT_MISMATCH", `${key}: ${problem}.`, { subject: key });
  const wanted = new Map([
    ...Object.keys(inputs).map((slot) => [slot, channels] as const),
    ...losses.map(({ target }) => [target, 1] as const),
  ]);
  const loaded = new Map<string, Tensor>();
  let size: readonly number[] | undefined;
  for (const [slot, count] of wanted) {
    const file = slots[slot];
    if (file?.channels.length !== count) throw mismatch(`slot ${slot} must have ${count} channels`);
    await turn();
    const tensor = await readImage(file.path, { channels: file.channels });
    const [height = 0, width = 0] = tensor.shape;
    size ??= [width, height];
    if (String(size) !== String([width, height])) throw mismatch("its slots differ in size");
    const found = findNonFinite(tensor);
    if (found !== undefined) {
      const place = `row ${found.position[0]}, column ${found.position[1]}`;
      throw new RmtcError("RMTC_VALUE_INVALID", `${file.path} has ${found.value} at ${place}.`, {
        subject: key,
      });
    }
    loaded.set(slot, tensor);
  }
  const [width = 0, height = 0] = size ?? [];
  return { key, width, height, slots: loaded };
}

/** The sample that is a whole item, as validation sees it. */
export function wholeSample({ width, height }: LoadedItem, item: number): PlanSample {
  return { item, crop: { x: 0, y: 0, width, height }, flipX: false, flipY: false, exposureStops: 0 };
}

/** @throws RMTC_LAYOUT_MISMATCH when a crop leaves its item, or crops of one step differ in size. */
export function checkSamples(samples: readonly PlanSample[], items: readonly LoadedItem[]): void {
  const first = samples[0]?.crop;
  for (const { item, crop } of samples) {
    const { width = 0, height = 0, key = `item ${item}` } = items[item] ?? {};
    const inside =
      crop.x >= 0 && crop.y >= 0 && crop.x + crop.width <= width && crop.y + crop.height <= height;
    if (inside && crop.width === first?.width && crop.height === first.height) continue;
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", `A sample of the plan does not fit ${key}.`, {
      subject: key,
    });
  }
}
