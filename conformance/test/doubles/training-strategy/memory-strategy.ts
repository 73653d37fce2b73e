// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { type CallOptions, type PlanRequest, RmtcError, type TrainingStrategy } from "@rmtc/contract";
import type { LossTerm, PlanStep, TrainingPlan } from "@rmtc/spec";
import { type PairedPlanOptions, pairedPlan } from "../../../src/cases/training-strategy/paired-plan.ts";

/** Steps planned before the event loop gets a turn. */
const slice = 50;

/** The options of the strategy that doubles are made from. */
export const pairedOptions: PairedPlanOptions = {
  crop: { width: 64, height: 48 },
  batchSize: 3,
  flipX: true,
  flipY: true,
  exposureStops: { min: -1.2, max: 0.7 },
};

/** The strategy `paired` by the words of the standard, slowly. */
export class MemoryStrategy implements TrainingStrategy {
  readonly name = "memory";
  readonly capabilities: TrainingStrategy["capabilities"] = { correlation: "1:1" };
  readonly losses: readonly LossTerm[] = [
    { name: "matte", loss: "bce", output: "alpha", target: "matte", weight: 1 },
    { name: "edge", loss: "l1", output: "alpha", target: "matte", weight: 0.5 },
  ];

  async plan(request: PlanRequest, { signal }: CallOptions = {}): Promise<TrainingPlan> {
    signal?.throwIfAborted();
    checkRequest(request);
    const { fromStep, stepCount } = request;
    const steps: PlanStep[] = [];
    for (let done = 0; done < stepCount; done += slice) {
      const part = { fromStep: fromStep + done, stepCount: Math.min(slice, stepCount - done) };
      steps.push(...pairedPlan(pairedOptions, { ...request, ...part }).steps);
      await setImmediate();
      signal?.throwIfAborted();
    }
    const after = { fromStep: fromStep + stepCount, stepCount: 0 };
    const { state } = pairedPlan(pairedOptions, { ...request, ...after });
    return { losses: [...this.losses], steps, state };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function checkRequest({ items, seed, fromStep }: PlanRequest): void {
  const wrong = (pointer: string): RmtcError =>
    new RmtcError("RMTC_OPTION_INVALID", `The request's ${pointer} cannot be.`, { pointer });
  if (items.length === 0) throw wrong("/items");
  if (!Number.isSafeInteger(seed) || seed < 0) throw wrong("/seed");
  if (!Number.isSafeInteger(fromStep) || fromStep < 1) throw wrong("/fromStep");
  const { width, height } = pairedOptions.crop;
  const small = items.find((item) => item.width < width || item.height < height);
  if (small === undefined) return;
  throw new RmtcError("RMTC_LAYOUT_MISMATCH", `${small.key} is smaller than the crop.`, {
    subject: small.key,
  });
}
