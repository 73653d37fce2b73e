// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { afterAll, beforeAll, expect, it } from "vitest";
import { killAndResume } from "./kill-and-resume.ts";
import { outcomeOf, TinyTraining } from "./tiny-training.ts";

let tiny: TinyTraining;
beforeAll(async () => {
  tiny = await TinyTraining.create();
});
afterAll(() => tiny[Symbol.asyncDispose]());

it("ends with the same files and history after kill -9 as without", async () => {
  const job = { steps: 120, checkpointEverySteps: 5, validateEverySteps: 10 };
  const started = performance.now();
  const expected = await outcomeOf(await tiny.job(job));
  const { outcome } = await killAndResume(tiny, job, 3, (performance.now() - started) / 3);
  expect(outcome).toEqual(expected);
  expect(Object.keys(outcome.files)).toHaveLength(27);
});
