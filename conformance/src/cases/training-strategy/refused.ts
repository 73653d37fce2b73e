// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { PlanRequest } from "@rmtc/contract";
import type { TrainingStrategyCase } from "../../conformance-case.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { planItems, planRequest } from "./sample-requests.ts";

const wrong: readonly Partial<PlanRequest>[] = [
  { items: [] },
  { seed: -1 },
  { seed: 2 ** 53 },
  { seed: 0.5 },
  { fromStep: 0 },
  { fromStep: -3 },
];

/** What no strategy plans. */
export const refusedCases: readonly TrainingStrategyCase[] = [
  {
    id: "training-strategy.refused.request",
    level: "must",
    spec: "training-strategy.md#rmtc-str-010",
    title: "refuses no items, a seed out of range and a step before the first",
    async run({ store }) {
      for (const change of wrong) {
        await rejectsWith(() => store.plan(planRequest(change)), "RMTC_OPTION_INVALID");
      }
    },
  },
  {
    id: "training-strategy.refused.pointer",
    level: "must",
    spec: "errors.md#rmtc-err-004",
    title: "says by a pointer what of the request is wrong",
    async run({ store }) {
      for (const change of wrong) {
        const error = await rejectsWith(() => store.plan(planRequest(change)), "RMTC_OPTION_INVALID");
        assert.equal(error.pointer, `/${Object.keys(change)[0]}`);
      }
    },
  },
  {
    id: "training-strategy.refused.largest-seed",
    level: "must",
    spec: "training-strategy.md#rmtc-str-010",
    title: "takes the smallest and the largest seed",
    async run({ store }) {
      for (const seed of [0, 2 ** 53 - 1]) {
        assert.equal((await store.plan(planRequest({ seed, stepCount: 3 }))).steps.length, 3);
      }
    },
  },
  {
    id: "training-strategy.refused.targets",
    level: "must",
    spec: "training-strategy.md#rmtc-str-030",
    title: "names a slot as the target of every loss term",
    async run({ store }) {
      const { losses } = await store.plan(planRequest({ items: planItems.slice(0, 1), stepCount: 1 }));
      assert.notEqual(losses.length, 0, "there is no loss term");
      for (const { name, target } of losses) assert.match(target, /^[A-Za-z]/, `${name} has no target`);
    },
  },
];
