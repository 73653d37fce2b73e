// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type TensorValue } from "@rmtc/contract";
import { type ExrPart, exrToTensor } from "@rmtc/image";
import { convertTensor, permuteAxes, type Tensor, tensorBytes } from "@rmtc/tensor";

/** Channels of an image as a network sees them: F32, shape `[1, c, h, w]`. */
export async function networkInput(
  part: ExrPart,
  channels: readonly string[],
  signal?: AbortSignal,
): Promise<TensorValue> {
  const interleaved = convertTensor(await exrToTensor(part, channels, { signal }), "F32");
  const planar = permuteAxes(interleaved, ["c", "h", "w"]);
  return { dtype: "F32", shape: [1, ...planar.shape], data: tensorBytes(planar) };
}

/**
 * A network's output `[1, c, h, w]` as an interleaved half image.
 *
 * @throws RMTC_LAYOUT_MISMATCH when it has another shape or number of channels.
 */
export function matteFromOutput(value: TensorValue | undefined, channelCount: number, name: string): Tensor {
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
  const data =
    byteOffset % 4 === 0
      ? new Float32Array(buffer, byteOffset, byteLength / 4)
      : new Float32Array(value.data.slice().buffer);
  const shape = [channels, height, width];
  const planar: Tensor = {
    dtype: "F32",
    shape,
    data,
    layout: { dtype: "F32", shape, axes: ["c", "h", "w"] },
  };
  return convertTensor(permuteAxes(planar, ["h", "w", "c"]), "F16");
}
