// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Everything that can be turned in the main job, in one place. */
export const job = {
  /** Channels of the rendered ground truth. */
  mattes: ["heroA.A", "heroB.A"],
  /** Frames that hero B is in. */
  heroBFrames: "1009-1022",
  trainFrames: [1003, 1011, 1015, 1020],
  validationFrames: [1025],
  architecture: {
    name: "unet",
    options: {
      widths: [16, 24, 32, 48],
      encoderConvolutions: 1,
      decoderConvolutions: 1,
      inputTransform: "log",
      outputChannels: ["heroA", "heroB"],
    },
  },
  seed: 7,
  steps: 450,
  hyperparameters: { learningRate: 0.004, warmupSteps: 20, finalLearningRateFraction: 0.05 },
  strategy: { crop: 128, batchSize: 8, flipX: true, exposureStops: { min: -0.5, max: 0.5 } },
  /** Names that the inferred channels get beside the plate's own. */
  outputChannels: ["roto.heroA", "roto.heroB"],
  /** Pixels; the overlap covers the network's receptive field. */
  tile: { size: 320, overlap: 64 },
  /** The frame that is traced and verified at the end. */
  shownFrame: 1005,
} as const;
