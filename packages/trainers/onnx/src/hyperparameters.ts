// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { z } from "zod";

/** What can be set about the learning itself. */
export interface Hyperparameters {
  /** Step size of Adam at its highest. Default 1e-3. */
  readonly learningRate: number;
  /** Steps over which the learning rate rises from 0. Default 0. */
  readonly warmupSteps: number;
  /** Share of the learning rate that is left at the last step; it falls to there along a half cosine. Default 1. */
  readonly finalLearningRateFraction: number;
  /** Decay of the mean of gradients. Default 0.9. */
  readonly adamBeta1: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  readonly adamBeta2: number;
  /** Added to the root of the mean square. Default 1e-8. */
  readonly adamEpsilon: number;
}

/** The schema of {@link Hyperparameters}: checks what people write and fills in defaults. */
export const hyperparameterSchema: z.ZodType<Hyperparameters> = z.strictObject({
  learningRate: z.number().positive().max(10).default(1e-3),
  warmupSteps: z.int().min(0).default(0),
  finalLearningRateFraction: z.number().min(0).max(1).default(1),
  adamBeta1: z.number().min(0).lt(1).default(0.9),
  adamBeta2: z.number().min(0).lt(1).default(0.999),
  adamEpsilon: z.number().positive().default(1e-8),
});

/** Returns the learning rate of a step, counted from 1, of a training of `steps` steps. */
export function learningRateAt(step: number, steps: number, hyperparameters: Hyperparameters): number {
  const { learningRate, warmupSteps, finalLearningRateFraction } = hyperparameters;
  if (step <= warmupSteps) return (learningRate * step) / (warmupSteps + 1);
  const done = (step - 1 - warmupSteps) / Math.max(1, steps - 1 - warmupSteps);
  const fall = (1 + Math.cos(Math.PI * done)) / 2;
  return learningRate * (finalLearningRateFraction + (1 - finalLearningRateFraction) * fall);
}
