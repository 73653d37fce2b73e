// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import {
  type CallOptions,
  type PlanItem,
  type PlanRequest,
  RmtcError,
  type TrainingStrategy,
  type TrainingStrategyCapabilities,
} from "@rmtc/contract";
import type { LossTerm, PlanSample, PlanStep, TrainingPlan } from "@rmtc/spec";
import { itemOrder } from "./item-order.ts";
import { exposureStepsPerStop, type PairedOptions } from "./paired-options.ts";
import { integerBelow, philox4x32 } from "./philox.ts";
import { type SeedKey, splitInteger, streams } from "./seed-key.ts";

/** Samples planned at a time before the event loop gets a turn. */
const SLICE = 8192;

/**
 * Plans training on 1:1 pairs: every epoch visits every item once, in a new order, with a random crop, flips and
 * exposure.
 *
 * Sample `i` of the whole training, counted from 0 over all batches, is item `i % n` in the order of epoch
 * `floor(i / n)`. Its choices come from block `i` of a counter-based generator, so no page of the plan depends
 * on another. Items count by place and size; their keys and pixels change nothing.
 *
 * @see spec/draft/training-strategy.md
 */
export class PairedStrategy implements TrainingStrategy {
  readonly name = "paired";
  readonly capabilities: TrainingStrategyCapabilities = { correlation: "1:1" };
  readonly losses: readonly LossTerm[];
  readonly #options: PairedOptions;
  #closed = false;

  constructor(options: PairedOptions) {
    this.#options = options;
    this.losses = options.losses;
  }

  /**
   * Returns consecutive steps of the plan; `state` holds the last step and the epoch and place in it that follow.
   *
   * @throws RMTC_OPTION_INVALID when there are no items, or a seed or step is out of range.
   * @throws RMTC_LAYOUT_MISMATCH when an item is smaller than the crop.
   * @throws RMTC_STATE_INVALID when the strategy was closed.
   */
  async plan(request: PlanRequest, { signal }: CallOptions = {}): Promise<TrainingPlan> {
    signal?.throwIfAborted();
    if (this.#closed) {
      throw new RmtcError("RMTC_STATE_INVALID", "The strategy was closed; open it again.");
    }
    const { items, seed, fromStep, stepCount } = request;
    const { batchSize } = this.#options;
    checkRequest(request, batchSize);
    this.#checkItems(items);
    const key = splitInteger(seed);
    const steps: PlanStep[] = [];
    let index = (fromStep - 1) * batchSize;
    let order: Uint32Array | undefined;
    for (let step = fromStep; step < fromStep + stepCount; step += 1) {
      const samples: PlanSample[] = [];
      for (let place = 0; place < batchSize; place += 1, index += 1) {
        const position = index % items.length;
        if (order === undefined || position === 0) {
          order = await itemOrder(items.length, Math.floor(index / items.length), key, signal);
        }
        const item = order[position] as number;
        samples.push(this.#sample(index, item, items[item] as PlanItem, key));
        if (index % SLICE === SLICE - 1) {
          await setImmediate();
          signal?.throwIfAborted();
        }
      }
      steps.push({ step, samples });
    }
    const state = {
      step: fromStep + stepCount - 1,
      epoch: Math.floor(index / items.length),
      position: index % items.length,
    };
    return { losses: [...this.losses], steps, state };
  }

  /** Refuses to plan from now on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }

  /** Chooses one sample from the four words of its block: column, row, flips (two bits), exposure. */
  #sample(index: number, item: number, size: PlanItem, key: SeedKey): PlanSample {
    const { crop, flipX, flipY, exposureStops } = this.#options;
    const [low, high] = splitInteger(index);
    const [column, row, flips, exposure] = philox4x32([low, high, 0, streams.sample], key);
    const darkest = Math.ceil(exposureStops.min * exposureStepsPerStop);
    const brightest = Math.floor(exposureStops.max * exposureStepsPerStop);
    return {
      item,
      crop: {
        x: integerBelow(size.width - crop.width + 1, column),
        y: integerBelow(size.height - crop.height + 1, row),
        width: crop.width,
        height: crop.height,
      },
      flipX: flipX && (flips & 1) === 1,
      flipY: flipY && (flips & 2) === 2,
      exposureStops: (darkest + integerBelow(brightest - darkest + 1, exposure)) / exposureStepsPerStop,
    };
  }

  #checkItems(items: readonly PlanItem[]): void {
    const { crop } = this.#options;
    const small = items.find((item) => item.width < crop.width || item.height < crop.height);
    if (small === undefined) return;
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `Item ${small.key} has ${small.width}x${small.height} pixels and the crop ${crop.width}x${crop.height}; ` +
        "choose a smaller crop or leave the item out.",
      { subject: small.key },
    );
  }
}

function checkRequest({ items, seed, fromStep, stepCount }: PlanRequest, batchSize: number): void {
  if (items.length === 0) throw outOfRange("items", "There are no items to plan for.");
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw outOfRange("seed", `The seed is ${seed}; it must be an integer from 0 to 2^53 - 1.`);
  }
  if (!Number.isSafeInteger(fromStep) || fromStep < 1) {
    throw outOfRange("fromStep", `The first step is ${fromStep}; it must be an integer from 1.`);
  }
  if (!Number.isSafeInteger(stepCount) || stepCount < 0) {
    throw outOfRange("stepCount", `The count of steps is ${stepCount}; it must be an integer from 0.`);
  }
  if (!Number.isSafeInteger((fromStep + stepCount) * batchSize)) {
    throw outOfRange("stepCount", `Step ${fromStep + stepCount} is beyond 2^53 - 1 samples.`);
  }
}

function outOfRange(field: string, message: string): RmtcError {
  return new RmtcError("RMTC_OPTION_INVALID", message, { pointer: `/${field}` });
}
