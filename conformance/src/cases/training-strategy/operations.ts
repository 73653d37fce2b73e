// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TrainingStrategy } from "@rmtc/contract";
import type { Operation, TraitSubject } from "../../traits/operation.ts";
import { planRequest } from "./sample-requests.ts";

/** Every method of a training strategy, for the traits. */
export const trainingStrategyTraits: TraitSubject<TrainingStrategy> = {
  prefix: "training-strategy",
  spec: {
    closed: "training-strategy.md#rmtc-str-015",
    closedTwice: "training-strategy.md#rmtc-str-015",
    aborted: "training-strategy.md#rmtc-str-014",
    abortedMidway: "training-strategy.md#rmtc-str-014",
    blocking: "training-strategy.md#rmtc-str-014",
    concurrent: "training-strategy.md#rmtc-str-002",
  },
  closedCode: "RMTC_STATE_INVALID",
  operations: ["plan"],
  midway: ["plan"],
  concurrent: ["plan"],
  needs: {},
  prepare: async () => [planOf(3)],
  observe: async () => undefined,
  prepareHeavy: async ({ size }) => [planOf(size(20_000, 300))],
  prepareLong: async () => [planOf(2_000_000)],
};

function planOf(stepCount: number): Operation<TrainingStrategy> {
  return { name: "plan", call: (on, options) => on.plan(planRequest({ stepCount }), options) };
}
