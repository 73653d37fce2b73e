// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Architecture } from "@rmtc/contract";
import type { PairedPlanOptions } from "./cases/training-strategy/paired-plan.ts";

/**
 * Networks that cases of inferers open. All take and give F32 and accept images of any size.
 *
 * - `affine`: an image `x` with two channels to an image `y` of its shape, y = 2 x + 1.
 * - `pair`: two images `a` and `b` with one channel to `sum` = a + b and `difference` = a - b.
 * - `blocks`: an image with one channel to one of its size, of which each pixel is the mean of the 4 by 4 block
 *   that it lies in. Its stride is 4.
 * - `blurred`: an image with one channel to one of its size, by a 3 by 3 convolution with nine weights of 1/9 and a
 *   border of zeros.
 * - `slow`: an image with one channel to anything, busy for seconds with 512 by 512 pixels and hardly with 8 by 8.
 * - `whole`: an image with one channel to itself less the mean of all its pixels.
 */
export type NetworkName = "affine" | "pair" | "blocks" | "blurred" | "slow" | "whole";

/** A weights file for an inferer. */
export interface FixtureWeights {
  /** Absolute path. The file is copied before it is damaged, and never changed. */
  readonly path: string;
  readonly mediaType: string;
}

/**
 * What a subject brings along for the cases, as plain JSON; every field has a use in one role.
 *
 * The suite makes what it can itself, so that most subjects bring nothing.
 */
export interface Fixture {
  /** Training strategies: the options with which `paired` was opened. Without, cases of its rules are `unsupported`. */
  readonly paired?: PairedPlanOptions | undefined;
  /**
   * Trainers: a network that can learn a linear function of each pixel. By default the first of
   * `capabilities.architectures`, with no options.
   */
  readonly architecture?: Architecture | undefined;
  /** Trainers: a network whose parameters have other shapes. Without, the case that needs one is `unsupported`. */
  readonly otherArchitecture?: Architecture | undefined;
  /** Trainers: what to train with; empty unless given. */
  readonly hyperparameters?: Readonly<Record<string, unknown>> | undefined;
  /** Trainers: steps in which the mean loss of the pixels must fall to half; 150 unless given. */
  readonly steps?: number | undefined;
  /**
   * Inferers: weights of the networks in a format that the suite cannot write itself; it writes ONNX. Cases whose
   * network is missing are `unsupported`.
   */
  readonly weights?: Readonly<Partial<Record<NetworkName, FixtureWeights>>> | undefined;
  /** Converters: a file of a media type, by media type. The suite writes safetensors, ONNX, PNG and EXR itself. */
  readonly sources?: Readonly<Record<string, string>> | undefined;
}
