// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PlanItem, PlanRequest, TrainingStrategy } from "@rmtc/contract";

/** Items so large that any strategy's crops fit, no two of one size. */
export const planItems: readonly PlanItem[] = Array.from({ length: 5 }, (_, index) => ({
  key: `frame-${index}`,
  width: 20_000 + 7 * index,
  height: 16_000 + 3 * index,
}));

/** Makes a request for the first steps of a training. */
export function planRequest(change: Partial<PlanRequest> = {}): PlanRequest {
  return { items: planItems, seed: 2026, fromStep: 1, stepCount: 12, ...change };
}

/** Returns the crop of the first sample, whose size tells which items are too small. */
export async function firstCrop(
  strategy: TrainingStrategy,
): Promise<{ readonly width: number; readonly height: number } | undefined> {
  const { steps } = await strategy.plan(planRequest({ stepCount: 1 }));
  return steps[0]?.samples[0]?.crop;
}
