// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import { hyperparameterSchema, learningRateAt } from "../src/hyperparameters.ts";

describe("learningRateAt", () => {
  it("is constant unless told otherwise", () => {
    const constant = hyperparameterSchema.parse({ learningRate: 0.5 });
    expect([1, 50, 100].map((step) => learningRateAt(step, 100, constant))).toEqual([0.5, 0.5, 0.5]);
  });

  it("rises over the warm-up, then falls along a half cosine to the final fraction", () => {
    const curve = hyperparameterSchema.parse({
      learningRate: 1,
      warmupSteps: 3,
      finalLearningRateFraction: 0.1,
    });
    expect([1, 2, 3, 4].map((step) => learningRateAt(step, 104, curve))).toEqual([0.25, 0.5, 0.75, 1]);
    expect(learningRateAt(54, 104, curve)).toBeCloseTo(0.55, 10);
    expect(learningRateAt(104, 104, curve)).toBeCloseTo(0.1, 10);
  });

  it("is defined for a training of one step", () => {
    expect(
      learningRateAt(1, 1, hyperparameterSchema.parse({ learningRate: 1, finalLearningRateFraction: 0 })),
    ).toBe(1);
  });
});
