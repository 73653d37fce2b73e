// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { LossTerm, NamedLayout, TrainingPlan } from "@rmtc/spec";
import type { CallOptions } from "./call-options.ts";
import type { PlatformTarget } from "./platform-target.ts";
import type { MetricPoint } from "./run-store.ts";
import type { PlanRequest } from "./training-strategy.ts";

/** What a trainer can do beyond the contract. */
export interface TrainerCapabilities {
  /** Names of the architectures it can build and train. */
  readonly architectures: readonly string[];
  /** Losses it can minimise. */
  readonly losses: readonly LossTerm["loss"][];
  /** Whether it can go on from a checkpoint. */
  readonly resume: boolean;
  /** Whether the same job gives the same bits on the same machine. */
  readonly deterministic: boolean;
  /** The year of the AI platform that it targets, if it targets one. */
  readonly platform?: PlatformTarget | undefined;
}

/** A network by name and options. */
export interface Architecture {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The file and channels behind one slot of an item. */
export interface TrainingSlot {
  /** Absolute path of the image. */
  readonly path: string;
  /** Channels to read, in order. No other channel of the file reaches the network. */
  readonly channels: readonly string[];
}

/** One sample that can be learnt from. */
export interface TrainingItem {
  readonly key: string;
  /** Files by slot name; network inputs and targets are slots. */
  readonly slots: Readonly<Record<string, TrainingSlot>>;
}

/** Everything a training needs, as plain JSON. */
export interface TrainingJob {
  readonly architecture: Architecture;
  /** Slot name to network input name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly trainItems: readonly TrainingItem[];
  /** Items that are measured, never learnt from. */
  readonly validationItems: readonly TrainingItem[];
  readonly losses: readonly LossTerm[];
  /** Hyper-parameters by name, units in names, as the trainer's own schema has them. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Steps in all, those before a resume included. */
  readonly steps: number;
  /** A checkpoint is written every so many steps, and at the end. */
  readonly checkpointEverySteps: number;
  /** Validation is measured every so many steps, and at the end. */
  readonly validateEverySteps: number;
  /** Absolute path of a weights file whose parameters the training starts from. */
  readonly initializeFrom?: string | undefined;
  /** Absolute path of a checkpoint file that the training goes on from. */
  readonly resumeFrom?: string | undefined;
  /** Absolute path of an existing folder that the trainer writes its files to. */
  readonly outputFolder: string;
}

/** A file that a trainer has written, whole and synced, under the job's output folder. */
export interface TrainerFile {
  readonly path: string;
  readonly mediaType: string;
}

/** What a training reports, in order. */
export type TrainingEvent =
  | { readonly type: "started"; readonly parameterCount: number; readonly fromStep: number }
  | { readonly type: "metrics"; readonly points: readonly MetricPoint[] }
  | { readonly type: "checkpoint"; readonly step: number; readonly file: TrainerFile }
  | {
      readonly type: "weights";
      readonly step: number;
      readonly parameterCount: number;
      /** The parameters, in safetensors. */
      readonly file: TrainerFile;
      /** Self-contained forms of the same parameters, such as an ONNX model. */
      readonly variants: readonly TrainerFile[];
      /** Keys of the training items that were really read. */
      readonly consumed: readonly string[];
    };

/** How a trainer asks for the plan; the host passes it on to the strategy. */
export type PlanSource = (
  request: Pick<PlanRequest, "items" | "fromStep" | "stepCount">,
) => Promise<TrainingPlan>;

export interface TrainOptions extends CallOptions {
  readonly plan: PlanSource;
}

/**
 * Turns a training job into a stream of events. It holds no record and knows no store.
 *
 * Ending the iteration early, or aborting, stops the training and its processes.
 *
 * @see spec/draft/trainer.md
 */
export interface Trainer extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: TrainerCapabilities;

  /**
   * Checks a job without running it, and describes the network.
   *
   * @throws RMTC_OPTION_INVALID when architecture or hyper-parameters are not to be had.
   */
  describe(job: Pick<TrainingJob, "architecture" | "hyperparameters">): Promise<TrainedNetwork>;

  /**
   * Trains; the last event is `weights`.
   *
   * @throws RMTC_LAYOUT_MISMATCH when slots of an item differ in size; RMTC_VALUE_INVALID when data is not finite.
   * @throws RMTC_DIGEST_MISMATCH, RMTC_FORMAT_INVALID when a checkpoint does not fit the job.
   */
  train(job: TrainingJob, options: TrainOptions): AsyncIterable<TrainingEvent>;
}

/** What a network takes and gives. */
export interface TrainedNetwork {
  readonly parameterCount: number;
  readonly inputs: readonly NamedLayout[];
  readonly outputs: readonly NamedLayout[];
}
