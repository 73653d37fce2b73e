// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PlanRequest } from "@rmtc/contract";
import type { PlanStep, TrainingPlan } from "@rmtc/spec";

/** The options of the strategy `paired`, every default filled in. */
export interface PairedPlanOptions {
  /** Size of every crop in pixels. */
  readonly crop: { readonly width: number; readonly height: number };
  readonly batchSize: number;
  readonly flipX: boolean;
  readonly flipY: boolean;
  /** Range of the exposure change in stops. */
  readonly exposureStops: { readonly min: number; readonly max: number };
}

type Words = readonly [bigint, bigint, bigint, bigint];

const word = 0xffff_ffffn;

/**
 * Makes steps and state of the strategy `paired` as the standard words them, with integers of any size and without
 * a thought for speed, so that it shares no line with an implementation.
 *
 * @see spec/draft/training-strategy.md#the-paired-strategy
 */
export function pairedPlan(
  options: PairedPlanOptions,
  { items, seed, fromStep, stepCount }: PlanRequest,
): Omit<TrainingPlan, "losses"> {
  const { batchSize, crop, exposureStops } = options;
  const key = [BigInt(seed) & word, BigInt(seed) >> 32n] as const;
  const count = items.length;
  const orders = new Map<number, readonly number[]>();
  const orderOf = (epoch: number): readonly number[] => {
    const known = orders.get(epoch) ?? pairedOrder(count, epoch, key);
    orders.set(epoch, known);
    return known;
  };
  const steps: PlanStep[] = [];
  for (let step = fromStep; step < fromStep + stepCount; step++) {
    const samples = Array.from({ length: batchSize }, (_, place) => {
      const number = (step - 1) * batchSize + place;
      const item = orderOf(Math.floor(number / count))[number % count] ?? 0;
      const { width = 0, height = 0 } = items[item] ?? {};
      const i = BigInt(number);
      const [column, row, flips, exposure] = philox([i & word, i >> 32n, 0n, 1n], key);
      const a = Math.ceil(256 * exposureStops.min);
      const b = Math.floor(256 * exposureStops.max);
      return {
        item,
        crop: {
          x: below(width - crop.width + 1, column),
          y: below(height - crop.height + 1, row),
          ...crop,
        },
        flipX: options.flipX && (flips & 1n) === 1n,
        flipY: options.flipY && (flips & 2n) === 2n,
        exposureStops: (a + below(b - a + 1, exposure)) / 256,
      };
    });
    steps.push({ step, samples });
  }
  const next = (fromStep + stepCount - 1) * batchSize;
  const state = { step: fromStep + stepCount - 1, epoch: Math.floor(next / count), position: next % count };
  return { steps, state };
}

function pairedOrder(count: number, epoch: number, key: readonly [bigint, bigint]): readonly number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  const e = BigInt(epoch);
  for (let place = count - 1; place >= 1; place--) {
    const words = philox([BigInt(Math.floor(place / 4)), e & word, e >> 32n, 2n], key);
    const other = below(place + 1, words[place % 4] ?? 0n);
    [order[place], order[other]] = [order[other] ?? 0, order[place] ?? 0];
  }
  return order;
}

function below(limit: number, random: bigint): number {
  return Number((random * BigInt(limit)) >> 32n);
}

/** Philox4x32-10 of Salmon, Moraes, Dror and Shaw, SC'11, section 4.3. */
function philox(counter: Words, [low, high]: readonly [bigint, bigint]): Words {
  let [c0, c1, c2, c3] = counter;
  for (let round = 0n; round < 10n; round++) {
    const first = c0 * 0xd2511f53n;
    const second = c2 * 0xcd9e8d57n;
    const k0 = (low + round * 0x9e3779b9n) & word;
    const k1 = (high + round * 0xbb67ae85n) & word;
    [c0, c1, c2, c3] = [(second >> 32n) ^ c1 ^ k0, second & word, (first >> 32n) ^ c3 ^ k1, first & word];
  }
  return [c0, c1, c2, c3];
}
