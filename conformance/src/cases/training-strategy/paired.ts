// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { PlanRequest, TrainingStrategy } from "@rmtc/contract";
import type { PlanSample, TrainingPlan } from "@rmtc/spec";
import type { CaseContext, TrainingStrategyCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { pairedPlan } from "./paired-plan.ts";
import { planItems, planRequest } from "./sample-requests.ts";

type Show = (plan: Pick<TrainingPlan, "steps" | "state">) => unknown;

const requests: readonly PlanRequest[] = [
  planRequest({ stepCount: 20 }),
  planRequest({ seed: 2 ** 53 - 1, fromStep: 2 ** 33 + 5, stepCount: 3 }),
  planRequest({ seed: 2 ** 32, items: planItems.slice(0, 1) }),
];

/** The rules of the strategy `paired`, by which every implementation gives the same plan. */
export const pairedCases: readonly TrainingStrategyCase[] = [
  pairedCase("words", "040", "draws Philox words under the key that is the seed", ({ steps }) =>
    steps.map(({ samples }) => samples),
  ),
  pairedCase("items", "041", "visits the items of one order after another, batch by batch", (plan) =>
    samplesOf(plan).map(({ item }) => item),
  ),
  {
    id: "training-strategy.paired.order",
    level: "must",
    spec: "training-strategy.md#rmtc-str-042",
    title: "shuffles each epoch by the rule of Fisher and Yates",
    when: (_, { paired }) => paired !== undefined,
    async run(context) {
      const items = Array.from({ length: 41 }, (_, index) => ({
        key: String(index),
        width: 20_000,
        height: 16_000,
      }));
      await compare(context, planRequest({ items, stepCount: 100 }), (plan) =>
        samplesOf(plan).map(({ item }) => item),
      );
    },
  },
  pairedCase("choices", "043", "draws each sample's choices from the block of its number", (plan) =>
    samplesOf(plan).map(({ crop, flipX, flipY, exposureStops }) => [crop, flipX, flipY, exposureStops]),
  ),
  pairedCase("crop", "044", "places crops by the first and second word", (plan) =>
    samplesOf(plan).map(({ crop }) => crop),
  ),
  pairedCase("flips", "045", "mirrors by two bits of the third word", (plan) =>
    samplesOf(plan).map(({ flipX, flipY }) => [flipX, flipY]),
  ),
  pairedCase(
    "exposure",
    "046",
    "changes exposure by the fourth word, in steps of a 256th of a stop",
    (plan) => samplesOf(plan).map(({ exposureStops }) => exposureStops),
  ),
  pairedCase("state", "047", "tells step, epoch and position that follow", ({ state }) => state),
];

function pairedCase(name: string, number: string, title: string, show: Show): TrainingStrategyCase {
  return {
    id: `training-strategy.paired.${name}`,
    level: "must",
    spec: `training-strategy.md#rmtc-str-${number}`,
    title,
    when: (_, { paired }) => paired !== undefined,
    async run(context) {
      for (const request of requests) await compare(context, request, show);
    },
  };
}

async function compare(
  { store, fixture }: CaseContext<TrainingStrategy>,
  request: PlanRequest,
  show: Show,
): Promise<void> {
  assert.ok(fixture.paired);
  assertSame(show(await store.plan(request)), show(pairedPlan(fixture.paired, request)));
}

function samplesOf({ steps }: Pick<TrainingPlan, "steps">): readonly PlanSample[] {
  return steps.flatMap(({ samples }) => samples);
}
