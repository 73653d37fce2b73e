// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import { duelWithPyTorch } from "./unet-duel.ts";

it("takes the steps that PyTorch's Adam takes", async () => {
  const steps = await duelWithPyTorch({ widths: [6, 10, 12], shape: [2, 3, 32, 24], threads: 1, steps: 20 });
  expect(steps).toHaveLength(20);
  for (const { ours, theirs } of steps) expect(ours.loss).toBeCloseTo(theirs.loss, 4);
  expect(steps.at(-1)?.ours.loss).toBeLessThan(steps[0]?.ours.loss ?? 0);
});
