// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { RmtcError, type TensorValue } from "@rmtc/contract";
import { type ExrPart, exrToTensor } from "@rmtc/image";
import { convertTensor, permuteAxes, type Tensor, tensorBytes } from "@rmtc/tensor";

/** Samples converted at once: some milliseconds of work, so that the event loop runs on in between. */
const bandSamples = 256 * 1024;

/** Channels of an image as a network sees them: F32, shape `[1, c, h, w]`. */
export async function networkInput(
  part: ExrPart,
  channels: readonly string[],
  signal?: AbortSignal,
): Promise<TensorValue> {
  const interleaved = await exrToTensor(part, channels, { signal });
  const [height = 0, width = 0, count = 0] = interleaved.shape;
  const planes = new Float32Array(count * height * width);
  for (const { start, end } of bandsOf(height, width * count)) {
    const rows = bandOf(
      interleaved,
      interleaved.data.subarray(start * width * count, end * width * count),
      ["h", "w", "c"],
      [end - start, width, count],
    );
    const planar = permuteAxes(convertTensor(rows, "F32"), ["c", "h", "w"]).data as Float32Array;
    const size = (end - start) * width;
    for (let channel = 0; channel < count; channel += 1) {
      planes.set(
        planar.subarray(channel * size, (channel + 1) * size),
        channel * height * width + start * width,
      );
    }
    await setImmediate();
    signal?.throwIfAborted();
  }
  const shape = [1, count, height, width];
  return { dtype: "F32", shape, data: tensorBytes({ dtype: "F32", shape, data: planes }) };
}

/**
 * A network's output `[1, c, h, w]` as an interleaved half image.
 *
 * @throws RMTC_LAYOUT_MISMATCH when it has another shape or number of channels.
 */
export async function matteFromOutput(
  value: TensorValue | undefined,
  channelCount: number,
  name: string,
  signal?: AbortSignal,
): Promise<Tensor> {
  const [batch, channels = 0, height = 0, width = 0] = value?.shape ?? [];
  if (
    value === undefined ||
    value.dtype !== "F32" ||
    value.shape.length !== 4 ||
    batch !== 1 ||
    channels !== channelCount
  ) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `The network's output ${name} is ${value?.dtype} [${value?.shape.join(", ")}]; ${channelCount} channels were named, so F32 [1, ${channelCount}, h, w] is needed.`,
    );
  }
  const { buffer, byteOffset, byteLength } = value.data;
  const planes =
    byteOffset % 4 === 0
      ? new Float32Array(buffer, byteOffset, byteLength / 4)
      : new Float32Array(value.data.slice().buffer);
  const pixels = new Float16Array(height * width * channels);
  for (const { start, end } of bandsOf(height, width * channels)) {
    const size = (end - start) * width;
    const band = new Float32Array(channels * size);
    for (let channel = 0; channel < channels; channel += 1) {
      const first = (channel * height + start) * width;
      band.set(planes.subarray(first, first + size), channel * size);
    }
    const planar = bandOf({ dtype: "F32" }, band, ["c", "h", "w"], [channels, end - start, width]);
    const rows = convertTensor(permuteAxes(planar, ["h", "w", "c"]), "F16");
    pixels.set(rows.data as Float16Array, start * width * channels);
    await setImmediate();
    signal?.throwIfAborted();
  }
  return bandOf({ dtype: "F16" }, pixels, ["h", "w", "c"], [height, width, channels]);
}

/** Whole rows of an image, a few at a time. */
function* bandsOf(height: number, samplesPerRow: number): Generator<{ start: number; end: number }, void> {
  const rows = Math.max(1, Math.floor(bandSamples / Math.max(1, samplesPerRow)));
  for (let start = 0; start < height; start += rows) yield { start, end: Math.min(height, start + rows) };
}

function bandOf(
  { dtype }: Pick<Tensor, "dtype">,
  data: Tensor["data"],
  axes: readonly string[],
  shape: readonly number[],
): Tensor {
  return { dtype, shape, data, layout: { dtype, shape: [...shape], axes: [...axes] } };
}
