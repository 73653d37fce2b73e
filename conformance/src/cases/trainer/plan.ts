// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { TrainingJob } from "@rmtc/contract";
import type { PlanSample } from "@rmtc/spec";
import type { TrainerCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import {
  again,
  checkpointsOf,
  digestOf,
  type ItemPixels,
  itemSize,
  linearPixels,
  planOf,
  pointsOf,
  samplePlan,
  sampleTraining,
  train,
  valuesOf,
  weightsOf,
} from "./sample-training.ts";

const deterministic = (can: { readonly deterministic: boolean }): boolean => can.deterministic;

const [width, height] = itemSize;
/** Large enough for the stride of any network, and smaller than the items. */
const side = 16;

/** What a trainer makes of the plan. */
export const planCases: readonly TrainerCase[] = [
  equalTrainings("crop", "020", "takes the crop out of every slot", {
    sample: { crop: { x: 5, y: 3, width: side, height: side } },
    pixels: (all) => moved(all, (x, y) => [x + 5, y + 3]),
  }),
  equalTrainings("mirrored-x", "020", "mirrors the crop left to right", {
    sample: { crop: { x: 5, y: 3, width: side, height: side }, flipX: true },
    pixels: (all) => moved(all, (x, y) => [5 + side - 1 - x, y + 3]),
  }),
  equalTrainings("mirrored-y", "020", "mirrors the crop top to bottom", {
    sample: { crop: { x: 5, y: 3, width: side, height: side }, flipY: true },
    pixels: (all) => moved(all, (x, y) => [x + 5, 3 + side - 1 - y]),
  }),
  equalTrainings("exposure", "021", "multiplies inputs by 2 to the power of the stops, and no targets", {
    sample: { exposureStops: -1 },
    pixels: ({ input, truth }) => ({ truth, input: (channel) => (x, y) => input(channel)(x, y) / 2 }),
  }),
  {
    id: "trainer.sample.loss",
    level: "must",
    spec: "training-strategy.md#rmtc-str-022",
    title: "minimises the weighted sum of the losses, each the mean over the batch",
    async run(context) {
      const { job } = await sampleTraining(context, { steps: 3 });
      const [term] = job.losses;
      assert.ok(term);
      const losses = context.store.capabilities.losses.map((loss, index) => ({
        ...term,
        name: `term-${loss}`,
        loss,
        weight: 0.5 + index,
      }));
      const events = await train(context, { ...job, losses });
      for (const { step, value } of pointsOf(events, "loss")) {
        const sum = losses.reduce((all, { name, weight }) => {
          const found = pointsOf(events, name).find((point) => point.step === step);
          return all + weight * Number(found?.value);
        }, 0);
        assert.ok(
          Math.abs(sum - Number(value)) <= 1e-4 * Math.abs(sum),
          `step ${step} has ${value}, not ${sum}`,
        );
      }
    },
  },
  {
    id: "trainer.sample.learns",
    level: "must",
    spec: "training-strategy.md#rmtc-str-022",
    title: "learns a linear function of each pixel: the loss falls to half of what it was at first",
    async run(context) {
      const steps = context.fixture.steps ?? 150;
      const every = { steps, checkpointEverySteps: steps, validateEverySteps: steps };
      const { job } = await sampleTraining(context, every);
      const values = valuesOf(await train(context, job), "loss");
      const mean = (some: readonly number[]): number =>
        some.reduce((sum, value) => sum + value, 0) / some.length;
      const [first, last] = [mean(values.slice(0, 5)), mean(values.slice(-5))];
      assert.ok(last <= first / 2, `the loss went from ${first} to ${last} in ${steps} steps`);
    },
  },
  {
    id: "trainer.sample.bce-finite",
    level: "must",
    spec: "training-strategy.md#rmtc-str-023",
    title: "keeps bce finite for outputs that reach 0 or 1",
    when: ({ losses }) => losses.includes("bce"),
    async run(context) {
      const { job } = await sampleTraining(context, { steps: 4 }, (index) => ({
        input: (channel) => (x, y) => 1e6 * (linearPixels(index).input(channel)(x, y) - 0.5),
        truth: (x) => (x < width / 2 ? 0 : 1),
      }));
      const losses = job.losses.map((term) => ({ ...term, loss: "bce" as const }));
      const values = valuesOf(await train(context, { ...job, losses, validationItems: [] }), "fit");
      assert.equal(values.length, 4);
      assert.ok(values.every(Number.isFinite), `bce was ${values.join(", ")}`);
    },
  },
  {
    id: "trainer.plan.samples",
    level: "must",
    spec: "trainer.md#rmtc-trn-020",
    title: "sees the samples of each step at that step",
    when: deterministic,
    async run(context) {
      const { job } = await sampleTraining(context);
      const changed = await train(context, job, {
        plan: planOf((step, count) => {
          const item = step === 4 ? 2 : (step + 1) % count;
          return [sampleOf({ item, crop: { x: step, y: 0, width: side, height: side } })];
        }),
      });
      const alike = await train(context, await again(context, job), {
        plan: planOf((step, count) => {
          const item = step === 4 ? 1 : (step + 1) % count;
          return [sampleOf({ item, crop: { x: step, y: 0, width: side, height: side } })];
        }),
      });
      const [one, other] = [valuesOf(changed, "loss"), valuesOf(alike, "loss")];
      assertSame(one.slice(0, 3), other.slice(0, 3));
      assert.notEqual(one[3], other[3], "the sample of step 4 does not matter");
    },
  },
  {
    id: "trainer.plan.asked",
    level: "must",
    spec: "trainer.md#rmtc-trn-021",
    title: "asks for the plan step after step from the one after its start, telling what items there are",
    async run(context) {
      const { job } = await sampleTraining(context);
      let next = 1;
      const events = await train(context, job, {
        plan(request) {
          assert.equal(request.fromStep, next, "it asks for another step");
          next += request.stepCount;
          const items = request.items.map(({ key, width: across, height: down }) => [key, across, down]);
          assertSame(
            items,
            job.trainItems.map(({ key }) => [key, width, height]),
          );
          return samplePlan(request);
        },
      });
      assert.equal(next, job.steps + 1);
      const [checkpoint] = checkpointsOf(events);
      if (!context.store.capabilities.resume) return;
      next = 5;
      await train(context, await again(context, job, { resumeFrom: checkpoint?.file.path }), {
        plan(request) {
          assert.equal(request.fromStep, next, "it asks for another step after a resume");
          next += request.stepCount;
          return samplePlan(request);
        },
      });
    },
  },
  {
    id: "trainer.plan.misfit",
    level: "must",
    spec: "trainer.md#rmtc-trn-022",
    title: "refuses samples that do not fit the items or one another",
    async run(context) {
      const { job } = await sampleTraining(context);
      const good = sampleOf({});
      for (const samples of [
        [sampleOf({ item: 3 })],
        [sampleOf({ crop: { x: width - side + 1, y: 0, width: side, height: side } })],
        [sampleOf({ crop: { x: 0, y: height - side + 1, width: side, height: side } })],
        [good, sampleOf({ crop: { x: 0, y: 0, width: side, height: side / 2 } })],
      ]) {
        await rejectsWith(() => train(context, job, { plan: planOf(() => samples) }), "RMTC_LAYOUT_MISMATCH");
      }
    },
  },
  {
    id: "trainer.plan.validation",
    level: "must",
    spec: "trainer.md#rmtc-trn-015",
    title: "learns the same with and without validation items",
    when: deterministic,
    async run(context) {
      const { job } = await sampleTraining(context);
      const measured = weightsOf(await train(context, job));
      const plain = weightsOf(await train(context, await again(context, job, { validationItems: [] })));
      assert.equal(await digestOf(plain.file.path), await digestOf(measured.file.path));
    },
  },
];

/** What a sample does to an item, and the pixels that an item without it would have. */
interface SampleEffect {
  readonly sample: Partial<PlanSample>;
  readonly pixels: (all: ItemPixels) => ItemPixels;
}

/** A case that trains on a sample and on an image that is what the sample should be, and compares the weights. */
function equalTrainings(name: string, number: string, title: string, effect: SampleEffect): TrainerCase {
  return {
    id: `trainer.sample.${name}`,
    level: "must",
    spec: `training-strategy.md#rmtc-str-${number}`,
    title,
    when: deterministic,
    async run(context) {
      const { job } = await sampleTraining(context, { steps: 3, validationItems: [] });
      const same = await sampleTraining(context, { steps: 3, validationItems: [] }, (index) =>
        effect.pixels(linearPixels(index)),
      );
      const weights = async (one: TrainingJob, sample: Partial<PlanSample>): Promise<string> => {
        const plan = planOf((step, count) => [sampleOf({ ...sample, item: step % count })]);
        return await digestOf(weightsOf(await train(context, one, { plan })).file.path);
      };
      assert.equal(await weights(job, effect.sample), await weights(same.job, {}));
    },
  };
}

function sampleOf(change: Partial<PlanSample>): PlanSample {
  return {
    item: 0,
    crop: { x: 0, y: 0, width: side, height: side },
    flipX: false,
    flipY: false,
    exposureStops: 0,
    ...change,
  };
}

function moved({ input, truth }: ItemPixels, from: (x: number, y: number) => [number, number]): ItemPixels {
  return {
    input: (channel) => (x, y) => input(channel)(...from(x, y)),
    truth: (x, y) => truth(...from(x, y)),
  };
}
