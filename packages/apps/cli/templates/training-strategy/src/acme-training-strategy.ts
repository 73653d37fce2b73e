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

/** Rows and columns of every crop. */
const cropSize = 16;
/** Steps planned before the event loop gets a turn. */
const stepsPerTurn = 1_000;

/** What a configuration or a training says beside the package's name. */
export interface AcmeTrainingStrategyOptions {
  /** What is minimised, by output of the network and target slot of the items. */
  readonly losses: readonly LossTerm[];
}

/**
 * Visits the items in turn, one a step, and takes a crop from another place each time round.
 *
 * A plan is a function of the items, the seed and the step alone, computed from integers, so that any page of it can
 * be asked for again, anywhere.
 */
export class AcmeTrainingStrategy implements TrainingStrategy {
  readonly name: string = "acme";
  readonly capabilities: TrainingStrategyCapabilities = { correlation: "1:1" };
  readonly losses: readonly LossTerm[];
  #closed = false;

  constructor(losses: AcmeTrainingStrategyOptions["losses"]) {
    this.losses = losses;
  }

  async plan(request: PlanRequest, { signal }: CallOptions = {}): Promise<TrainingPlan> {
    this.#check(signal);
    checkRequest(request);
    const { items, seed, fromStep, stepCount } = request;
    const steps: PlanStep[] = [];
    for (let step = fromStep; step < fromStep + stepCount; step++) {
      steps.push({ step, samples: [sampleAt(step, items, seed)] });
      if (steps.length % stepsPerTurn !== 0) continue;
      await setImmediate();
      this.#check(signal);
    }
    return { losses: [...this.losses], steps, state: { step: fromStep + stepCount - 1 } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }

  #check(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#closed) throw new RmtcError("RMTC_STATE_INVALID", "The strategy was closed; open another.");
  }
}

function sampleAt(step: number, items: readonly PlanItem[], seed: number): PlanSample {
  const item = (step - 1) % items.length;
  const round = Math.floor((step - 1) / items.length);
  const { width = 0, height = 0 } = items[item] ?? {};
  const x = place(seed, round, 7, width);
  const y = place(seed, round, 11, height);
  const crop = { x, y, width: cropSize, height: cropSize };
  return { item, crop, flipX: false, flipY: false, exposureStops: 0 };
}

/** Where a crop starts: `stride` pixels further each round, from a place that the seed gives. */
function place(seed: number, round: number, stride: number, size: number): number {
  const places = size - cropSize + 1;
  return ((seed % places) + (round % places) * stride) % places;
}

function checkRequest({ items, seed, fromStep }: PlanRequest): void {
  if (items.length === 0) throw wrong("/items", "names no item");
  if (!Number.isSafeInteger(seed) || seed < 0) throw wrong("/seed", "is no integer from 0 to 2^53 - 1");
  if (!Number.isSafeInteger(fromStep) || fromStep < 1) throw wrong("/fromStep", "is no integer from 1 on");
  const small = items.find(({ width, height }) => Math.min(width, height) < cropSize);
  if (small === undefined) return;
  const size = `${small.width} x ${small.height} pixels`;
  throw new RmtcError(
    "RMTC_LAYOUT_MISMATCH",
    `${small.key} has ${size}; a crop takes ${cropSize} each way.`,
    {
      subject: small.key,
    },
  );
}

function wrong(pointer: string, problem: string): RmtcError {
  return new RmtcError("RMTC_OPTION_INVALID", `"${pointer}" of the request ${problem}.`, { pointer });
}
