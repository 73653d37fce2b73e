// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TrainingJob } from "@rmtc/contract";
import type { PlanSample } from "@rmtc/spec";
import type { LoadedItem } from "./loaded-item.ts";

/** Pixels that are computed before the event loop gets a turn. */
const pixelsPerTurn = 32_768;

/** Losses of a batch by name, and the slope of their weighted sum by parameter. */
export interface Measured {
  readonly values: Readonly<Record<string, number>>;
  readonly gradient: Float64Array;
}

/**
 * Computes the losses of a batch with y = Σ wᵢ xᵢ + b, the parameters being w₁ … wₙ and b.
 *
 * @see spec/draft/training-strategy.md#what-a-sample-means
 */
export async function measureLosses(
  { inputs, losses }: TrainingJob,
  parameters: Float32Array,
  samples: readonly PlanSample[],
  items: readonly LoadedItem[],
  turn: () => Promise<void>,
): Promise<Measured> {
  const [input = ""] = Object.keys(inputs);
  const channels = parameters.length - 1;
  const gradient = new Float64Array(parameters.length);
  const sums = new Float64Array(losses.length);
  const pixels = samples.reduce((sum, { crop }) => sum + crop.width * crop.height, 0);
  const x = new Float64Array(channels);
  let done = 0;
  for (const { item, crop, flipX, flipY, exposureStops } of samples) {
    const { slots, width = 0 } = items[item] ?? {};
    const image = slots?.get(input)?.data ?? [];
    const targets = losses.map(({ target }) => slots?.get(target)?.data ?? []);
    for (let index = 0; index < crop.width * crop.height; index++) {
      const [column, row] = [index % crop.width, Math.floor(index / crop.width)];
      const left = crop.x + (flipX ? crop.width - 1 - column : column);
      const place = (crop.y + (flipY ? crop.height - 1 - row : row)) * width + left;
      let y = parameters[channels] ?? 0;
      for (let channel = 0; channel < channels; channel++) {
        x[channel] = Number(image[place * channels + channel]) * 2 ** exposureStops;
        y += (parameters[channel] ?? 0) * (x[channel] ?? 0);
      }
      let slope = 0;
      for (const [term, { weight }] of losses.entries()) {
        const difference = y - Number(targets[term]?.[place]);
        sums[term] = (sums[term] ?? 0) + difference ** 2;
        slope += (weight * 2 * difference) / pixels;
      }
      for (let channel = 0; channel < channels; channel++) {
        gradient[channel] = (gradient[channel] ?? 0) + slope * (x[channel] ?? 0);
      }
      gradient[channels] = (gradient[channels] ?? 0) + slope;
      done += 1;
      if (done % pixelsPerTurn === 0) await turn();
    }
  }
  const terms = losses.map(({ name }, term) => [name, Math.fround((sums[term] ?? 0) / pixels)] as const);
  const loss = terms.reduce((sum, [, value], term) => sum + (losses[term]?.weight ?? 0) * value, 0);
  return { values: { loss, ...Object.fromEntries(terms) }, gradient };
}

/** Parameters and the moments of Adam (Kingma and Ba, 2015), with its usual constants. */
export class AdamState {
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  #step = 0;

  constructor(parameters: Float32Array) {
    this.parameters = parameters;
    this.first = new Float32Array(parameters.length);
    this.second = new Float32Array(parameters.length);
  }

  /** Moves every parameter against its slope. */
  learn(gradient: Float64Array, learningRate: number): void {
    this.#step += 1;
    for (const [index, slope] of gradient.entries()) {
      const first = 0.9 * (this.first[index] ?? 0) + 0.1 * slope;
      const second = 0.999 * (this.second[index] ?? 0) + 0.001 * slope ** 2;
      [this.first[index], this.second[index]] = [first, second];
      const mean = first / (1 - 0.9 ** this.#step);
      const spread = Math.sqrt(second / (1 - 0.999 ** this.#step)) + 1e-8;
      this.parameters[index] = (this.parameters[index] ?? 0) - (learningRate * mean) / spread;
    }
  }
}
