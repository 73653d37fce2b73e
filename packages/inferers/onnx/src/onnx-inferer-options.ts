// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { availableParallelism } from "node:os";
import { z } from "zod";

/** Options of {@link OnnxInferer}. */
export interface OnnxInfererOptions {
  /** Child processes for each opened network; as many calls run at once. */
  readonly processes: number;
  /** Threads that each process computes with. */
  readonly threadsPerProcess: number;
  /** Seconds after which a network that is still loading is given up. */
  readonly openTimeoutSeconds: number;
}

/** What people write: everything has a default. */
export interface OnnxInfererOptionsInput {
  readonly processes?: number | undefined;
  readonly threadsPerProcess?: number | undefined;
  readonly openTimeoutSeconds?: number | undefined;
}

/** The schema of {@link OnnxInfererOptions}: checks what people write and shares the cores among the processes. */
export const onnxInfererOptions: z.ZodType<OnnxInfererOptions, OnnxInfererOptionsInput> = z
  .strictObject({
    processes: z.int().min(1).max(256).default(1),
    threadsPerProcess: z.int().min(1).max(1024).optional(),
    openTimeoutSeconds: z.number().min(0.1).max(86_400).default(120),
  })
  .transform(({ processes, threadsPerProcess, openTimeoutSeconds }) => ({
    processes,
    threadsPerProcess: threadsPerProcess ?? Math.max(1, Math.floor(availableParallelism() / processes)),
    openTimeoutSeconds,
  }));
