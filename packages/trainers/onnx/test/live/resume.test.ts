// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import { killAndResume } from "../kill-and-resume.ts";
import { outcomeOf, TinyTraining } from "../tiny-training.ts";

it("ends with the same files and history after 20 kills at random moments as without", async () => {
  await using tiny = await TinyTraining.create();
  const job = { steps: 1500, checkpointEverySteps: 20, validateEverySteps: 50 };
  const started = performance.now();
  const expected = await outcomeOf(await tiny.job(job));
  const { outcome, killed } = await killAndResume(tiny, job, 20, (performance.now() - started) / 20);
  expect(killed).toBe(20);
  expect(outcome).toEqual(expected);
});
