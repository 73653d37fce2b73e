// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PlanItem, TrainerFile, TrainingJob } from "@rmtc/contract";
import type { PlanStep } from "@rmtc/spec";

/** What the host asks of the training process first. */
export interface OpenRequest {
  readonly job: TrainingJob;
  /** Threads of onnxruntime. */
  readonly threads: number;
}

/** What the training process knows when everything is in memory. */
export interface OpenedTraining {
  readonly parameterCount: number;
  /** Steps that the checkpoint had done; 0 for a fresh start. */
  readonly fromStep: number;
  /** The training items, with their sizes. */
  readonly items: readonly PlanItem[];
}

/** Numbers measured at one step, by metric key. */
export interface StepMetrics {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface RunStepsRequest {
  readonly steps: readonly PlanStep[];
}

export interface CheckpointRequest {
  /** The sampler's state after the last step. */
  readonly sampler: Readonly<Record<string, unknown>>;
}

/** The files of a finished training. */
export interface FinishedTraining {
  readonly file: TrainerFile;
  readonly variants: readonly TrainerFile[];
  readonly consumed: readonly string[];
}
