// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type Tensor, type TensorData, zeroTensor } from "@rmtc/tensor";
import type { ExrChannel, ExrPart } from "./exr/exr-image.ts";
import { wordsOf } from "./exr/read-exr.ts";
import { commonDtype, exrLayout } from "./image-layout.ts";
import { TimeSlice } from "./time-slice.ts";

/** Samples moved at a stretch. */
const stretchSamples = 2 ** 18;

/**
 * Interleaves channels of a part to an HWC tensor, exactly: half gives F16, half with float F32, uint U32, and
 * uint among others F64.
 *
 * @param names Channels in the order wanted, such as `["R", "G", "B"]`.
 * @throws RMTC_LAYOUT_MISMATCH when a channel is not among those that were read.
 */
export async function exrToTensor(
  part: ExrPart,
  names: readonly string[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Tensor> {
  const channels = names.map((name) => {
    const channel = part.channels.get(name);
    if (channel === undefined) {
      const present = [...part.channels.keys()].slice(0, 32).join(", ");
      throw new RmtcError("RMTC_LAYOUT_MISMATCH", `The part has no channel "${name}"; it has ${present}.`);
    }
    return channel;
  });
  const dtype = commonDtype(channels.map(({ type }) => type));
  const layout = exrLayout(part, names, dtype);
  const tensor = zeroTensor(dtype, layout.shape, layout);
  const slice = new TimeSlice(options.signal);
  for (const [index, { data }] of channels.entries()) {
    const [from, to] = alike(data, tensor.data);
    for (let start = 0; start < from.length; start += stretchSamples) {
      if (slice.isOver()) await slice.rest();
      const end = Math.min(start + stretchSamples, from.length);
      scatter(from, start, end, to, index, channels.length);
    }
  }
  return tensor;
}

/** Samples of one type move as bits; of two types, as numbers. */
function alike(source: ExrChannel["data"], target: TensorData): readonly [TensorData, TensorData] {
  if (source.constructor !== target.constructor) return [source, target];
  return [wordsOf(source), wordsOf(target as ExrChannel["data"])];
}

function scatter(
  source: TensorData,
  start: number,
  end: number,
  target: TensorData,
  channel: number,
  channels: number,
): void {
  for (let i = start, to = start * channels + channel; i < end; i++, to += channels) {
    target[to] = source[i] as number;
  }
}
