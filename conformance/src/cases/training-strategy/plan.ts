// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { isRmtcError } from "@rmtc/contract";
import { type TrainingPlan, validateDocument } from "@rmtc/spec";
import type { TrainingStrategyCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { firstCrop, planItems, planRequest } from "./sample-requests.ts";

/** What every plan is, whatever the strategy. */
export const planCases: readonly TrainingStrategyCase[] = [
  {
    id: "training-strategy.plan.schema",
    level: "must",
    spec: "training-strategy.md#rmtc-str-001",
    title: "gives a plan that matches its schema",
    async run({ store }) {
      const plan = await store.plan(planRequest());
      const issue = validateDocument("trainingPlan", plan);
      assert.equal(issue, undefined, JSON.stringify(issue));
    },
  },
  {
    id: "training-strategy.plan.repeatable",
    level: "must",
    spec: "training-strategy.md#rmtc-str-002",
    title: "gives the same plan again, whatever it was asked before",
    async run({ store }) {
      const plan = await store.plan(planRequest());
      await store.plan(planRequest({ seed: 7, items: planItems.slice(1), fromStep: 40 }));
      assertSame(await store.plan(planRequest()), plan);
    },
  },
  {
    id: "training-strategy.plan.pages",
    level: "must",
    spec: "training-strategy.md#rmtc-str-003",
    title: "gives the same steps in pages of any size, asked for in any order",
    async run({ store }) {
      const { steps, state } = await store.plan(planRequest());
      const last = await store.plan(planRequest({ fromStep: 8, stepCount: 5 }));
      const middle = await store.plan(planRequest({ fromStep: 2, stepCount: 6 }));
      const first = await store.plan(planRequest({ fromStep: 1, stepCount: 1 }));
      assertSame([...first.steps, ...middle.steps, ...last.steps], steps);
      assertSame(last.state, state);
    },
  },
  {
    id: "training-strategy.plan.far",
    level: "must",
    spec: "training-strategy.md#rmtc-str-003",
    title: "plans steps far into a training as it plans the first",
    async run({ store }) {
      const fromStep = 2 ** 34 + 3;
      const { steps } = await store.plan(planRequest({ fromStep, stepCount: 4 }));
      const { steps: later } = await store.plan(planRequest({ fromStep: fromStep + 2, stepCount: 2 }));
      assertSame(steps.slice(2), later);
    },
  },
  {
    id: "training-strategy.plan.steps",
    level: "must",
    spec: "training-strategy.md#rmtc-str-004",
    title: "gives exactly the steps asked for, in rising order",
    async run({ store }) {
      for (const [fromStep, stepCount] of [
        [1, 3],
        [5, 1],
        [1_000_001, 7],
      ] as const) {
        const { steps } = await store.plan(planRequest({ fromStep, stepCount }));
        assertSame(
          steps.map(({ step }) => step),
          Array.from({ length: stepCount }, (_, index) => fromStep + index),
        );
      }
    },
  },
  {
    id: "training-strategy.plan.no-steps",
    level: "must",
    spec: "training-strategy.md#rmtc-str-005",
    title: "answers a request for no steps with none, and with the state before the first",
    async run({ store }) {
      const before = await store.plan(planRequest({ stepCount: 6 }));
      const none = await store.plan(planRequest({ fromStep: 7, stepCount: 0 }));
      assertSame(none.steps, []);
      assertSame(none.state, before.state);
      assertSame(none.losses, before.losses);
    },
  },
  {
    id: "training-strategy.plan.samples",
    level: "must",
    spec: "training-strategy.md#rmtc-str-006",
    title: "gives every step a sample, of an item that there is",
    async run({ store }) {
      const { steps } = await store.plan(planRequest({ stepCount: 40 }));
      for (const { step, samples } of steps) {
        assert.notEqual(samples.length, 0, `step ${step} has no sample`);
        for (const { item } of samples) assert.ok(item < planItems.length, `step ${step} names item ${item}`);
      }
    },
  },
  {
    id: "training-strategy.plan.one-size",
    level: "must",
    spec: "training-strategy.md#rmtc-str-007",
    title: "gives the samples of one step crops of one size",
    async run({ store }) {
      const { steps } = await store.plan(planRequest({ stepCount: 40 }));
      for (const { step, samples } of steps) {
        const sizes = new Set(samples.map(({ crop }) => `${crop.width}x${crop.height}`));
        assert.equal(sizes.size, 1, `step ${step} has crops of ${[...sizes].join(", ")}`);
      }
    },
  },
  {
    id: "training-strategy.plan.inside",
    level: "must",
    spec: "training-strategy.md#rmtc-str-008",
    title: "keeps every crop inside its item, even where it just fits",
    async run({ store }) {
      const crop = await firstCrop(store);
      assert.ok(crop);
      const tight = [0, 1, 3].map((more) => ({
        key: `tight-${more}`,
        width: crop.width + more,
        height: crop.height + 2 * more,
      }));
      for (const items of [planItems, tight]) {
        const { steps } = await store.plan(planRequest({ items, stepCount: 60 }));
        for (const { item, crop: taken } of steps.flatMap(({ samples }) => samples)) {
          const { width = 0, height = 0 } = items[item] ?? {};
          assert.ok(taken.x >= 0 && taken.y >= 0, "a crop starts outside");
          assert.ok(taken.x + taken.width <= width, "a crop reaches beyond the right edge");
          assert.ok(taken.y + taken.height <= height, "a crop reaches beyond the bottom");
        }
      }
    },
  },
  {
    id: "training-strategy.plan.too-small",
    level: "must",
    spec: "training-strategy.md#rmtc-str-009",
    title: "refuses items that are smaller than its crops and names the first, or makes its crops smaller",
    async run({ store }) {
      const crop = await firstCrop(store);
      assert.ok(crop);
      const items = [
        ...planItems,
        { key: "too-narrow", width: crop.width - 1, height: crop.height },
        { key: "too-low", width: crop.width, height: crop.height - 1 },
      ];
      const first = crop.width > 1 ? "too-narrow" : "too-low";
      const outcome = await store
        .plan(planRequest({ items, stepCount: 40 }))
        .catch((error: unknown) => error);
      if (isRmtcError(outcome, "RMTC_LAYOUT_MISMATCH")) {
        assert.ok(outcome.subject === first || outcome.message.includes(first), `it does not name ${first}`);
        return;
      }
      if (outcome instanceof Error) assert.fail(`expected RMTC_LAYOUT_MISMATCH, but it threw ${outcome}`);
      for (const { item, crop: taken } of (outcome as TrainingPlan).steps.flatMap(({ samples }) => samples)) {
        const { width = 0, height = 0 } = items[item] ?? {};
        assert.ok(
          taken.width <= width && taken.height <= height,
          `it crops more than ${items[item]?.key} has`,
        );
      }
    },
  },
  {
    id: "training-strategy.plan.losses",
    level: "must",
    spec: "training-strategy.md#rmtc-str-013",
    title: "gives the same loss terms in every page, each under a name of its own",
    async run({ store }) {
      const { losses } = await store.plan(planRequest());
      assertSame((await store.plan(planRequest({ fromStep: 900, stepCount: 2 }))).losses, losses);
      assertSame([...store.losses], losses);
      const names = losses.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, `loss terms share a name: ${names.join(", ")}`);
    },
  },
  {
    id: "training-strategy.plan.state",
    level: "must",
    spec: "training-strategy.md#rmtc-str-012",
    title: "tells different places of the sampler apart by their state",
    async run({ store }) {
      const states = new Set<string>();
      for (let stepCount = 1; stepCount <= 8; stepCount++) {
        states.add(JSON.stringify((await store.plan(planRequest({ stepCount }))).state));
      }
      assert.equal(states.size, 8, "two places of the sampler have one state");
    },
  },
];
