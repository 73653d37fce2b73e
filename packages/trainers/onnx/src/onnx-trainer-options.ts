// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { availableParallelism } from "node:os";
import { z } from "zod";

/** Options of {@link OnnxTrainer}. */
export interface OnnxTrainerOptions {
  /** Threads of onnxruntime. They change the time a step takes, not its result. Default: one per processor, up to 8. */
  readonly threads: number;
}

/** What people write: all has a default. */
export interface OnnxTrainerOptionsInput {
  readonly threads?: number | undefined;
}

/** The schema of {@link OnnxTrainerOptions}. */
export const onnxTrainerOptions: z.ZodType<OnnxTrainerOptions, OnnxTrainerOptionsInput> = z.strictObject({
  threads: z
    .int()
    .min(1)
    .max(256)
    .default(() => Math.min(availableParallelism(), 8)),
});
