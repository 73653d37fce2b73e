// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingItem, TrainingJob } from "@rmtc/contract";
import { validateDocument } from "@rmtc/spec";
import { openSafetensors } from "@rmtc/tensor";
import type { TrainerCase } from "../../conformance-case.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { writeSampleImage } from "./sample-image.ts";
import { again, itemSize, linearPixels, sampleTraining, train, weightsOf } from "./sample-training.ts";

const unknown = { unheardOfByAnyTrainer: 1 };

/** Jobs that a trainer does not know how to do, with where the pointer has to lead. */
const unknownJobs: readonly (readonly [
  RegExp,
  (job: TrainingJob) => Pick<TrainingJob, "architecture" | "hyperparameters">,
])[] = [
  [/^\/architecture/, (job) => ({ ...job, architecture: { name: "unheard-of", options: {} } })],
  [
    /^\/architecture\/options/,
    (job) => ({
      ...job,
      architecture: { ...job.architecture, options: { ...job.architecture.options, ...unknown } },
    }),
  ],
  [/^\/hyperparameters/, (job) => ({ ...job, hyperparameters: { ...job.hyperparameters, ...unknown } })],
];

/** Which jobs a trainer takes, and which items. */
export const jobsCases: readonly TrainerCase[] = [
  {
    id: "trainer.jobs.unknown",
    level: "must",
    spec: "trainer.md#rmtc-trn-001",
    title: "refuses an architecture, option or hyper-parameter that it does not know, with a pointer to it",
    async run(context) {
      const { job } = await sampleTraining(context);
      for (const [pointer, wrong] of unknownJobs) {
        const error = await rejectsWith(
          () => train(context, { ...job, ...wrong(job) }),
          "RMTC_OPTION_INVALID",
        );
        assert.match(error.pointer ?? "", pointer);
      }
    },
  },
  {
    id: "trainer.jobs.described",
    level: "must",
    spec: "trainer.md#rmtc-trn-002",
    title: "refuses in describe what it would refuse in train",
    async run(context) {
      const { job } = await sampleTraining(context);
      for (const [pointer, wrong] of unknownJobs) {
        const error = await rejectsWith(() => context.store.describe(wrong(job)), "RMTC_OPTION_INVALID");
        assert.match(error.pointer ?? "", pointer);
      }
    },
  },
  {
    id: "trainer.jobs.network",
    level: "must",
    spec: "trainer.md#rmtc-trn-003",
    title: "describes the layouts of a network and counts the parameters that it then trains",
    async run(context) {
      const { job } = await sampleTraining(context, { steps: 1 });
      const { inputs, outputs, parameterCount } = await context.store.describe(job);
      for (const { name, layout } of [...inputs, ...outputs]) {
        const issue = validateDocument("tensorLayout", layout);
        assert.equal(issue, undefined, `${name}: ${JSON.stringify(issue)}`);
        const [h, w] = [layout.axes.indexOf("h"), layout.axes.indexOf("w")];
        assert.deepEqual([layout.shape[h], layout.shape[w]], [0, 0], `${name} has no open size`);
      }
      const events = await train(context, job);
      const weights = weightsOf(events);
      assert.equal(events[0]?.type === "started" ? events[0].parameterCount : undefined, parameterCount);
      assert.equal(weights.parameterCount, parameterCount);
      await using file = await openSafetensors(weights.file.path);
      const sizes = [...file.tensors.values()].map(({ shape }) => shape.reduce((all, size) => all * size, 1));
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        parameterCount,
      );
    },
  },
  {
    id: "trainer.jobs.loss",
    level: "must",
    spec: "trainer.md#rmtc-trn-004",
    title: "refuses a loss that it cannot minimise",
    async run(context) {
      const { job } = await sampleTraining(context);
      const known: readonly string[] = context.store.capabilities.losses;
      for (const loss of ["l1", "l2", "bce", "hinge"].filter((name) => !known.includes(name))) {
        const losses = job.losses.map((term) => ({ ...term, loss: loss as "l1" }));
        await rejectsWith(() => train(context, { ...job, losses }), "RMTC_OPTION_INVALID");
      }
    },
  },
  {
    id: "trainer.items.sizes",
    level: "must",
    spec: "trainer.md#rmtc-trn-011",
    title: "refuses an item whose slots differ in size, and names it",
    async run(context) {
      const { job, channels } = await sampleTraining(context);
      const path = join(context.folder, "small.exr");
      const truth = Object.fromEntries(channels.truth.map((name) => [name, () => 0.5]));
      await writeSampleImage(path, [itemSize[0], itemSize[1] - 2], truth);
      const wrong = withSlot(job, "truth", { path, channels: channels.truth });
      const error = await rejectsWith(() => train(context, wrong), "RMTC_LAYOUT_MISMATCH");
      assert.ok(error.subject === "frame-1" || error.message.includes("frame-1"), "it does not name frame-1");
    },
  },
  {
    id: "trainer.items.channel-count",
    level: "must",
    spec: "trainer.md#rmtc-trn-012",
    title: "refuses a slot with more or fewer channels than the network takes",
    async run(context) {
      const { job, channels } = await sampleTraining(context);
      const path = job.trainItems[1]?.slots.plate?.path ?? "";
      for (const slot of ["plate", "truth"] as const) {
        const wanted = slot === "plate" ? channels.input : channels.truth;
        const more = withSlot(job, slot, { path, channels: [...wanted, "unused.A"] });
        await rejectsWith(() => train(context, more), "RMTC_LAYOUT_MISMATCH");
      }
    },
  },
  {
    id: "trainer.items.not-finite",
    level: "must",
    spec: "trainer.md#rmtc-trn-013",
    title: "refuses a pixel that is NaN or infinite, naming the file and the place",
    async run(context) {
      for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
        const { job } = await sampleTraining(context, {}, (index) => {
          const { input, truth } = linearPixels(index);
          if (index !== 1) return { input, truth };
          return {
            truth,
            input: (channel) => (x, y) => (x === 17 && y === 11 ? value : input(channel)(x, y)),
          };
        });
        const error = await rejectsWith(() => train(context, job), "RMTC_VALUE_INVALID");
        const said = `${error.subject} ${error.message}`;
        assert.ok(said.includes("frame.1.exr"), `it does not name the file: ${said}`);
        assert.ok(/\b17\b/.test(said) && /\b11\b/.test(said), `it does not name the place: ${said}`);
      }
    },
  },
  {
    id: "trainer.items.damaged",
    level: "must",
    spec: "trainer.md#rmtc-trn-014",
    title: "refuses a file that is cut off",
    async run(context) {
      const { job, channels } = await sampleTraining(context);
      const path = join(context.folder, "damaged.exr");
      const whole = await readFile(job.trainItems[1]?.slots.plate?.path ?? "");
      await writeFile(path, whole.subarray(0, whole.length >> 1));
      const wrong = withSlot(job, "plate", { path, channels: channels.input });
      await rejectsWith(() => train(context, wrong), "RMTC_FORMAT_INVALID");
    },
  },
  {
    id: "trainer.items.channels",
    level: "must",
    spec: "trainer.md#rmtc-trn-010",
    title: "shows the network the channels that a slot names, in that order, and no other",
    when: ({ deterministic }) => deterministic,
    async run(context) {
      const plain = await sampleTraining(context);
      const count = plain.channels.input.length;
      const turned = await sampleTraining(context, {}, (index) => {
        const { input, truth } = linearPixels(index);
        return { truth, input: (channel) => input(count - 1 - channel) };
      });
      const items = turned.job.trainItems.map((item) => ({
        ...item,
        slots: {
          ...item.slots,
          plate: { path: item.slots.plate?.path ?? "", channels: plain.channels.input.toReversed() },
        },
      }));
      const wanted = await weightsDigest(context, plain.job);
      assert.equal(await weightsDigest(context, { ...turned.job, trainItems: items }), wanted);
      const other = await sampleTraining(context, {}, (index) => linearPixels(index + 9));
      assert.notEqual(await weightsDigest(context, other.job), wanted, "the pixels do not matter");
      for (const { slots } of plain.job.trainItems) {
        await changeUnused(slots.plate?.path ?? "");
      }
      assert.equal(await weightsDigest(context, await again(context, plain.job)), wanted);
    },
  },
];

function withSlot(job: TrainingJob, slot: string, file: TrainingItem["slots"][string]): TrainingJob {
  const trainItems = job.trainItems.map((item, index) =>
    index === 1 ? { ...item, slots: { ...item.slots, [slot]: file } } : item,
  );
  return { ...job, trainItems };
}

async function weightsDigest(context: Parameters<typeof train>[0], job: TrainingJob): Promise<string> {
  const { file } = weightsOf(await train(context, { ...job, validationItems: [] }));
  return (await readFile(file.path)).toString("base64");
}

/** Changes the samples of `unused.A`, which end each row in the uncompressed file, as channels lie by name. */
async function changeUnused(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeFloatLE(-5, bytes.length - 4);
  await writeFile(path, bytes);
}
