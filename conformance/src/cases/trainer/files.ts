// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { parseOnnx } from "@rmtc/onnx";
import { openSafetensors, tensorBytes } from "@rmtc/tensor";
import type { TrainerCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import {
  again,
  checkpointsOf,
  digestOf,
  outcomeOf,
  pointsOf,
  samplePlan,
  sampleTraining,
  train,
  valuesOf,
  weightsOf,
} from "./sample-training.ts";

const onnx = "application/vnd.onnx";

/** What is in the files of a training, and what goes on from them. */
export const filesCases: readonly TrainerCase[] = [
  {
    id: "trainer.weights.safetensors",
    level: "must",
    spec: "trainer.md#rmtc-trn-040",
    title: "writes weights and checkpoints as safetensors with a layout for every tensor",
    async run(context) {
      const { job } = await sampleTraining(context);
      const events = await train(context, job);
      for (const { path, mediaType } of [
        weightsOf(events).file,
        ...checkpointsOf(events).map(({ file }) => file),
      ]) {
        assert.equal(mediaType, "application/vnd.safetensors");
        await using file = await openSafetensors(path);
        assert.notEqual(file.tensors.size, 0, "there are no tensors");
        for (const { name, layout } of file.tensors.values()) {
          assert.ok(layout, `${name} has no layout`);
        }
      }
    },
  },
  {
    id: "trainer.weights.anonymous",
    level: "must",
    spec: "trainer.md#rmtc-trn-041",
    title: "writes no id, time, path or name of a machine into a file",
    async run(context) {
      const { job } = await sampleTraining(context);
      const events = await train(context, job);
      const { file, variants } = weightsOf(events);
      // A shorter name occurs among random bytes by chance.
      const words = [context.folder, job.outputFolder, hostname()].filter(({ length }) => length >= 6);
      for (const { path } of [file, ...variants, ...checkpointsOf(events).map((one) => one.file)]) {
        const text = (await readFile(path)).toString("latin1");
        for (const word of words) {
          assert.equal(text.includes(word), false, `${path} holds ${word}`);
        }
        assert.doesNotMatch(text, /20\d\d-\d\d-\d\dT\d\d:\d\d/, "it holds a time");
        assert.doesNotMatch(text, /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, "it holds an id");
      }
    },
  },
  {
    id: "trainer.weights.no-pickle",
    level: "must",
    spec: "trainer.md#rmtc-trn-042",
    title: "runs no code of a pickle that it is to start from",
    async run(context) {
      const { store, folder } = context;
      const { job } = await sampleTraining(context);
      const [path, mark] = [join(folder, "weights.pt"), join(folder, "mark")];
      await writeFile(path, `cos\nsystem\n(S"touch '${mark}'"\ntR.`);
      const starts = [{ initializeFrom: path }, ...(store.capabilities.resume ? [{ resumeFrom: path }] : [])];
      for (const start of starts) {
        await rejectsWith(
          () => train(context, { ...job, ...start }),
          "RMTC_FORMAT_INVALID",
          "RMTC_FORMAT_UNSUPPORTED",
        );
      }
      assert.equal(existsSync(mark), false, "it ran a command that a pickle brought along");
    },
  },
  {
    id: "trainer.weights.repeatable",
    level: "must",
    spec: "trainer.md#rmtc-trn-046",
    title: "gives the same bytes for the same job, and others for another seed",
    when: ({ deterministic }) => deterministic,
    async run(context) {
      const { job } = await sampleTraining(context);
      const outcome = await outcomeOf(await train(context, job));
      assertSame(await outcomeOf(await train(context, await again(context, job))), outcome);
      const other = await outcomeOf(await train(context, await again(context, job, { seed: 8 })));
      assert.notEqual(other.weights, outcome.weights, "the seed does not matter");
    },
  },
  {
    id: "trainer.weights.initialize",
    level: "must",
    spec: "trainer.md#rmtc-trn-047",
    title: "takes parameters only from weights that it starts from, and begins at step 1",
    when: ({ deterministic }) => deterministic,
    async run(context) {
      const { job } = await sampleTraining(context, { steps: 12, validationItems: [] });
      const first = await train(context, job);
      const initializeFrom = weightsOf(first).file.path;
      const start = { initializeFrom, steps: 3, checkpointEverySteps: 3 };
      const one = await train(context, await again(context, job, start));
      const other = await train(context, await again(context, job, { ...start, seed: 99 }));
      assert.equal(one[0]?.type === "started" ? one[0].fromStep : undefined, 0);
      assertSame(valuesOf(one, "loss"), valuesOf(other, "loss"), "the seed still matters");
      const fresh = await train(context, await again(context, job, { steps: 3, checkpointEverySteps: 3 }));
      assert.notEqual(valuesOf(fresh, "loss")[0], valuesOf(one, "loss")[0], "the parameters do not matter");
      const checkpoint = checkpointsOf(first).at(-1)?.file.path;
      const fromCheckpoint = { ...start, initializeFrom: checkpoint };
      const third = await train(context, await again(context, job, fromCheckpoint)).catch(() => undefined);
      if (third === undefined) return;
      assertSame(valuesOf(third, "loss"), valuesOf(one, "loss"), "more than parameters was taken");
    },
  },
  {
    id: "trainer.weights.variants",
    level: "must",
    spec: "trainer.md#rmtc-trn-048",
    title: "gives variants that hold the same parameters",
    async run(context) {
      const { job } = await sampleTraining(context);
      const { file, variants } = weightsOf(await train(context, job));
      await using weights = await openSafetensors(file.path);
      for (const { path } of variants.filter(({ mediaType }) => mediaType === onnx)) {
        const { graph } = parseOnnx(await readFile(path));
        const held = new Set(
          graph.initializers.map(({ data }) => Buffer.from(data ?? []).toString("base64")),
        );
        for (const name of weights.tensors.keys()) {
          const bytes = Buffer.from(tensorBytes(await weights.read(name))).toString("base64");
          assert.ok(held.has(bytes), `${path} does not hold ${name}`);
        }
      }
    },
  },
  {
    id: "trainer.weights.onnx-layouts",
    level: "must",
    spec: "inferer.md#rmtc-inf-050",
    title: "writes the layouts and the stride into a variant in ONNX",
    async run(context) {
      const { job } = await sampleTraining(context);
      const { variants } = weightsOf(await train(context, job));
      const { inputs, outputs } = await context.store.describe(job);
      for (const { path } of variants.filter(({ mediaType }) => mediaType === onnx)) {
        const { metadata } = parseOnnx(await readFile(path));
        assert.match(metadata.get("rmtc.stride") ?? "", /^[1-9]\d*$/);
        for (const { name, layout } of [...inputs, ...outputs]) {
          assertSame(JSON.parse(metadata.get(`rmtc.layout.${name}`) ?? "null"), layout);
        }
      }
    },
  },
  {
    id: "trainer.resume.goes-on",
    level: "must",
    spec: "trainer.md#rmtc-trn-043",
    title: "goes on from a checkpoint as though it had never stopped",
    when: ({ resume, deterministic }) => resume && deterministic,
    async run(context) {
      const { job } = await sampleTraining(context, { steps: 9, checkpointEverySteps: 3 });
      const events = await train(context, job);
      const whole = await outcomeOf(events);
      for (const { step, file } of checkpointsOf(events).slice(0, 2)) {
        const rest = await train(context, await again(context, job, { resumeFrom: file.path }));
        assert.equal(rest[0]?.type === "started" ? rest[0].fromStep : undefined, step);
        const outcome = await outcomeOf(rest);
        assertSame(
          [outcome.weights, outcome.variants, outcome.consumed],
          [whole.weights, whole.variants, whole.consumed],
        );
        const lines = pointsOf(events).filter((point) => point.step > step);
        assertSame(outcome.history, lines.map((point) => `${point.key} ${point.step} ${point.value}`).sort());
        const last = checkpointsOf(rest).at(-1)?.file.path ?? "";
        assert.equal(await digestOf(last), (whole.checkpoints as Record<number, string>)[9]);
      }
    },
  },
  {
    id: "trainer.resume.refused",
    level: "must",
    spec: "trainer.md#rmtc-trn-044",
    title: "refuses a checkpoint that is damaged or beyond the last step",
    when: ({ resume }) => resume,
    async run(context) {
      const { job } = await sampleTraining(context);
      const checkpoint = checkpointsOf(await train(context, job)).at(-1)?.file.path ?? "";
      const damaged = join(context.folder, "damaged.safetensors");
      const bytes = await readFile(checkpoint);
      for (const part of [bytes.subarray(0, bytes.length - 9), bytes.subarray(0, 100), Buffer.from("no")]) {
        await writeFile(damaged, part);
        await rejectsWith(
          () => train(context, { ...job, resumeFrom: damaged }),
          "RMTC_FORMAT_INVALID",
          "RMTC_STATE_INVALID",
        );
      }
      await rejectsWith(
        () => train(context, { ...job, steps: 3, resumeFrom: checkpoint }),
        "RMTC_FORMAT_INVALID",
        "RMTC_STATE_INVALID",
      );
    },
  },
  {
    id: "trainer.resume.other-architecture",
    level: "must",
    spec: "trainer.md#rmtc-trn-044",
    title: "refuses a checkpoint of another architecture",
    when: ({ resume }, { otherArchitecture }) => resume && otherArchitecture !== undefined,
    async run(context) {
      const { job } = await sampleTraining(context);
      const resumeFrom = checkpointsOf(await train(context, job))[0]?.file.path;
      const architecture = context.fixture.otherArchitecture ?? job.architecture;
      await rejectsWith(
        () => train(context, { ...job, architecture, resumeFrom }, { plan: samplePlan }),
        "RMTC_DIGEST_MISMATCH",
      );
    },
  },
];
