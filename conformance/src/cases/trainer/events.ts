// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TrainerCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import {
  again,
  checkpointsOf,
  digestOf,
  planOf,
  pointsOf,
  samplePlan,
  sampleTraining,
  train,
  weightsOf,
} from "./sample-training.ts";

/** What a training reports, and when. */
export const eventsCases: readonly TrainerCase[] = [
  {
    id: "trainer.events.order",
    level: "must",
    spec: "trainer.md#rmtc-trn-030",
    title: "reports its start first and its weights last",
    async run(context) {
      const { job } = await sampleTraining(context);
      const types = (await train(context, job)).map(({ type }) => type);
      assert.equal(types[0], "started");
      assert.equal(types.at(-1), "weights");
      assert.equal(types.filter((type) => type === "started" || type === "weights").length, 2);
    },
  },
  {
    id: "trainer.events.losses",
    level: "must",
    spec: "trainer.md#rmtc-trn-031",
    title: "reports the loss and each of its terms at every step",
    async run(context) {
      const { job } = await sampleTraining(context);
      const [term] = job.losses;
      assert.ok(term);
      const losses = [term, { ...term, name: "again", weight: 0.25 }];
      const events = await train(context, { ...job, losses });
      for (const key of ["loss", term.name, "again"]) {
        assertSame(
          pointsOf(events, key).map(({ step }) => step),
          [1, 2, 3, 4, 5, 6],
          key,
        );
      }
      for (const { at, value, key } of pointsOf(events)) {
        assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.equal(typeof value, "number", key);
      }
    },
  },
  {
    id: "trainer.events.validation",
    level: "must",
    spec: "trainer.md#rmtc-trn-032",
    title: "measures validation items every so many steps and at the end, and none where there are none",
    async run(context) {
      const { job } = await sampleTraining(context, { steps: 5, validateEverySteps: 2 });
      const events = await train(context, job);
      for (const key of ["validation.loss", `validation.${job.losses[0]?.name}`]) {
        assertSame(
          pointsOf(events, key).map(({ step }) => step),
          [2, 4, 5],
          key,
        );
      }
      const none = await train(context, await again(context, job, { validationItems: [] }));
      assertSame(
        pointsOf(none).filter(({ key }) => key.startsWith("validation.")),
        [],
      );
    },
  },
  {
    id: "trainer.events.checkpoints",
    level: "must",
    spec: "trainer.md#rmtc-trn-033",
    title: "writes a checkpoint every so many steps and at the end",
    async run(context) {
      const { job } = await sampleTraining(context, { steps: 7, checkpointEverySteps: 3 });
      const checkpoints = checkpointsOf(await train(context, job));
      assertSame(
        checkpoints.map(({ step }) => step),
        [3, 6, 7],
      );
      assert.equal(new Set(checkpoints.map(({ file }) => file.path)).size, 3, "they have one file");
    },
  },
  {
    id: "trainer.events.before-checkpoint",
    level: "must",
    spec: "trainer.md#rmtc-trn-034",
    title: "reports every point up to the step of a checkpoint before it",
    async run(context) {
      const every = { steps: 6, checkpointEverySteps: 2, validateEverySteps: 2 };
      const { job } = await sampleTraining(context, every);
      const events = await train(context, job);
      for (const [index, event] of events.entries()) {
        if (event.type !== "checkpoint") continue;
        const late = pointsOf(events.slice(index)).filter(({ step }) => step <= event.step);
        assertSame(late, [], `points come after the checkpoint of step ${event.step}`);
      }
    },
  },
  {
    id: "trainer.events.files",
    level: "must",
    spec: "trainer.md#rmtc-trn-035",
    title: "names files that are whole by then and do not change afterwards",
    async run(context) {
      const { job } = await sampleTraining(context, { checkpointEverySteps: 2 });
      const digests = new Map<string, string>();
      for await (const event of context.store.train(job, { plan: samplePlan })) {
        if (event.type !== "checkpoint" && event.type !== "weights") continue;
        const files = event.type === "weights" ? [event.file, ...event.variants] : [event.file];
        for (const { path } of files) digests.set(path, await digestOf(path));
      }
      assert.ok(digests.size >= 4);
      for (const [path, digest] of digests) assert.equal(await digestOf(path), digest, path);
    },
  },
  {
    id: "trainer.events.folder",
    level: "must",
    spec: "trainer.md#rmtc-trn-005",
    title: "writes in its output folder and nowhere else that it was told of",
    async run(context) {
      const { folder } = context;
      const { job } = await sampleTraining(context);
      const list = async (): Promise<string[]> => {
        const all = await readdir(folder, { recursive: true });
        return all.filter((path) => !join(folder, path).startsWith(job.outputFolder)).sort();
      };
      const before = await list();
      const events = await train(context, job);
      assertSame(await list(), before);
      const { file, variants } = weightsOf(events);
      for (const { path } of [file, ...variants, ...checkpointsOf(events).map((one) => one.file)]) {
        assert.equal(dirname(path).startsWith(job.outputFolder), true, `${path} lies elsewhere`);
      }
    },
  },
  {
    id: "trainer.events.consumed",
    level: "must",
    spec: "trainer.md#rmtc-trn-036",
    title: "lists the items that a step has read and no others, those before a resume included",
    async run(context) {
      const { job } = await sampleTraining(context);
      const plan = planOf((step) => {
        const crop = { x: 0, y: 0, width: 16, height: 16 };
        return [{ item: step <= 4 ? 2 : 0, crop, flipX: false, flipY: false, exposureStops: 0 }];
      });
      const events = await train(context, job, { plan });
      assertSame([...weightsOf(events).consumed].sort(), ["frame-0", "frame-2"]);
      const early = await train(context, await again(context, job, { steps: 4 }), { plan });
      assertSame(weightsOf(early).consumed, ["frame-2"]);
      if (!context.store.capabilities.resume) return;
      const resumeFrom = checkpointsOf(events)[0]?.file.path;
      const rest = await train(context, await again(context, job, { resumeFrom }), { plan });
      assertSame([...weightsOf(rest).consumed].sort(), ["frame-0", "frame-2"]);
    },
  },
  {
    id: "trainer.events.not-finite",
    level: "must",
    spec: "trainer.md#rmtc-trn-037",
    title: "ends a training whose loss is no number any more, and reports no weights",
    async run(context) {
      const { job } = await sampleTraining(context, { validationItems: [] }, () => ({
        input: () => (x) => x / 24,
        truth: () => 3e38,
      }));
      let reported = false;
      const run = async (): Promise<void> => {
        for await (const { type } of context.store.train(job, { plan: samplePlan })) {
          reported ||= type === "weights";
        }
      };
      await rejectsWith(run, "RMTC_VALUE_INVALID");
      assert.equal(reported, false, "it reported weights");
    },
  },
];
