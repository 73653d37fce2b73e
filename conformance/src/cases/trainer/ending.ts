// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isRmtcError, type Trainer, type TrainingEvent, type TrainingJob } from "@rmtc/contract";
import type { CaseContext, TrainerCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import {
  again,
  checkpointsOf,
  digestOf,
  outcomeOf,
  pointsOf,
  samplePlan,
  sampleTraining,
  train,
  weightsOf,
} from "./sample-training.ts";

const endless = { steps: 1_000_000, checkpointEverySteps: 1_000_000, validateEverySteps: 1_000_000 };

/** How a training ends before its time. */
export const endingCases: readonly TrainerCase[] = [
  {
    id: "trainer.ended.early",
    level: "must",
    spec: "trainer.md#rmtc-trn-050",
    title: "stops a training whose iteration is ended early",
    async run(context) {
      const { job } = await sampleTraining(context, { ...endless, checkpointEverySteps: 2 });
      for await (const event of context.store.train(job, { plan: samplePlan })) {
        if (event.type === "checkpoint") break;
      }
      const before = await filesIn(job.outputFolder);
      await setTimeout(150);
      assertSame(await filesIn(job.outputFolder), before, "it still writes");
    },
  },
  {
    id: "trainer.ended.closed",
    level: "must",
    spec: "trainer.md#rmtc-trn-054",
    title: "ends a training that runs when it is closed",
    async run(context) {
      const { job } = await sampleTraining(context, endless);
      const started = Promise.withResolvers<void>();
      const run = async (): Promise<void> => {
        for await (const event of context.store.train(job, { plan: samplePlan })) {
          if (event.type === "metrics") started.resolve();
        }
      };
      const ended = run().catch((error: unknown) => error);
      await Promise.race([started.promise, ended]);
      await context.store[Symbol.asyncDispose]();
      const error = await ended;
      assert.ok(isRmtcError(error, "RMTC_STATE_INVALID"), `it ended with ${String(error)}`);
    },
  },
  {
    id: "trainer.crash.failed",
    level: "must",
    spec: "trainer.md#rmtc-trn-053",
    title: "ends a training whose process dies",
    needsKill: true,
    async run(context) {
      const { job } = await sampleTraining(context, endless);
      const { error } = await killedTraining(context, job, ({ type }) => type === "metrics");
      assert.ok(isRmtcError(error, "RMTC_PROCESS_FAILED"), `it ended with ${String(error)}`);
    },
  },
  {
    id: "trainer.crash.resumed",
    level: "must",
    spec: "trainer.md#rmtc-trn-045",
    title: "ends with the same bytes and history after it was killed and went on from its last checkpoint",
    needsKill: true,
    when: ({ resume, deterministic }) => resume && deterministic,
    async run(context) {
      const every = { steps: 60, checkpointEverySteps: 4, validateEverySteps: 6 };
      const { job } = await sampleTraining(context, every);
      const undisturbed = await train(context, job);
      const attempt = await again(context, job);
      const { events } = await killedTraining(context, attempt, ({ type }) => type === "checkpoint");
      const last = checkpointsOf(events).at(-1);
      assert.ok(last);
      const rest = await train(context, await again(context, job, { resumeFrom: last.file.path }));
      const [whole, resumed] = [await outcomeOf(undisturbed), await outcomeOf(rest)];
      assertSame(
        [resumed.weights, resumed.variants, resumed.consumed],
        [whole.weights, whole.variants, whole.consumed],
      );
      const counting = [...pointsOf(events).filter(({ step }) => step <= last.step), ...pointsOf(rest)];
      const lines = counting.map(({ key, step, value }) => `${key} ${step} ${value}`);
      assertSame(lines.sort(), whole.history);
    },
  },
  {
    id: "trainer.crash.whole-files",
    level: "must",
    spec: "trainer.md#rmtc-trn-051",
    title: "leaves no part of a file under the name of a whole one when it is killed",
    needsKill: true,
    when: ({ deterministic }) => deterministic,
    async run(context) {
      const every = { steps: 40, checkpointEverySteps: 1, validateEverySteps: 40, validationItems: [] };
      const { job } = await sampleTraining(context, every);
      const events = await train(context, job);
      const digests = new Map<string, string>();
      for (const { path } of [...checkpointsOf(events).map(({ file }) => file), weightsOf(events).file]) {
        digests.set(basename(path), await digestOf(path));
      }
      for (let kills = 0; kills < context.size(3, 2); kills++) {
        const attempt = await again(context, job);
        await killedTraining(
          context,
          attempt,
          (event) => event.type === "checkpoint" && event.step === 2 + 3 * kills,
        );
        for (const name of await readdir(attempt.outputFolder)) {
          const digest = digests.get(name);
          if (digest === undefined) continue;
          assert.equal(await digestOf(join(attempt.outputFolder, name)), digest, `${name} is not whole`);
        }
      }
    },
  },
];

/** Trains until an event, kills the processes and reads on to what comes then. */
async function killedTraining(
  { store, kill }: CaseContext<Trainer>,
  job: TrainingJob,
  isThen: (event: TrainingEvent) => boolean,
): Promise<{ readonly events: readonly TrainingEvent[]; readonly error: unknown }> {
  const events: TrainingEvent[] = [];
  let killing: Promise<void> | undefined;
  try {
    for await (const event of store.train(job, { plan: samplePlan })) {
      events.push(event);
      if (isThen(event)) killing ??= kill();
    }
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  } finally {
    await killing;
  }
}

/** Lists files with sizes and times. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const { size, mtimeMs } = await stat(join(folder, name));
    found.push(`${name} ${size} ${mtimeMs}`);
  }
  return found;
}
