// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type TrainingItem, type TrainingSlot } from "@rmtc/contract";
import { readImage } from "@rmtc/image";
import { convertTensor, findNonFinite, type Tensor } from "@rmtc/tensor";

/** The pixels of one slot of an item: one plane after another, rows from the top. */
export interface PixelPlanes {
  readonly channels: number;
  readonly data: Float32Array;
}

/** One item in memory. */
export interface LoadedItem {
  readonly key: string;
  readonly width: number;
  readonly height: number;
  readonly slots: ReadonlyMap<string, PixelPlanes>;
}

/** How many channels each slot must have, by slot name. */
export type SlotChannels = ReadonlyMap<string, number>;

/**
 * Reads the channels that a training needs of an item, and no other pixels.
 *
 * Integer pixels become 0 to 1.
 *
 * @throws RMTC_LAYOUT_MISMATCH when a slot is missing, slots differ in size, or a slot has another number of channels.
 * @throws RMTC_VALUE_INVALID when a pixel is NaN or infinite.
 */
export async function loadItem(item: TrainingItem, wanted: SlotChannels): Promise<LoadedItem> {
  const slots = new Map<string, PixelPlanes>();
  let size: readonly [number, number] | undefined;
  for (const [name, count] of wanted) {
    const slot = item.slots[name];
    if (slot === undefined || slot.channels.length !== count) {
      const present = slot === undefined ? "no such slot" : `the channels ${slot.channels.join(", ")}`;
      throw mismatch(item, `needs ${count} channels in the slot ${name} and has ${present}`);
    }
    const tensor = await readImage(slot.path, { channels: slot.channels });
    const [height = 0, width = 0] = tensor.shape;
    if (size !== undefined && (size[0] !== height || size[1] !== width)) {
      throw mismatch(
        item,
        `has ${size[1]}x${size[0]} pixels in one slot and ${width}x${height} in the slot ${name}`,
      );
    }
    size = [height, width];
    requireFinite(item, slot, tensor);
    slots.set(name, { channels: count, data: planesFromTensor(tensor) });
  }
  const [height, width] = size ?? [0, 0];
  return { key: item.key, width, height, slots };
}

function mismatch(item: TrainingItem, problem: string): RmtcError {
  return new RmtcError("RMTC_LAYOUT_MISMATCH", `Item ${item.key} ${problem}.`, { subject: item.key });
}

function requireFinite(item: TrainingItem, { path, channels }: TrainingSlot, tensor: Tensor): void {
  const found = findNonFinite(tensor);
  if (found === undefined) return;
  const [y, x, channel = 0] = found.position;
  throw new RmtcError(
    "RMTC_VALUE_INVALID",
    `Item ${item.key} has the value ${found.value} in ${path}, channel ${channels[channel]}, at column ${x} of row ${y}.`,
    { subject: item.key },
  );
}

/** Turns interleaved pixels into planes of 32-bit floats. */
function planesFromTensor(tensor: Tensor): Float32Array {
  const [height = 0, width = 0, channels = 0] = tensor.shape;
  const source = interleavedFloats(tensor);
  const pixels = height * width;
  if (channels === 1) return source;
  const planes = new Float32Array(pixels * channels);
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * pixels;
    for (let pixel = 0, at = channel; pixel < pixels; pixel++, at += channels)
      planes[start + pixel] = source[at] ?? 0;
  }
  return planes;
}

function interleavedFloats(tensor: Tensor): Float32Array {
  if (tensor.dtype === "U8") return Float32Array.from(tensor.data as Uint8Array, (value) => value / 255);
  if (tensor.dtype === "U16") return Float32Array.from(tensor.data as Uint16Array, (value) => value / 65_535);
  if (tensor.dtype === "U32") return Float32Array.from(tensor.data as Uint32Array);
  return convertTensor(tensor, "F32").data as Float32Array;
}
