// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { trainer, trainer as default } from "./extension.ts";
export type { Hyperparameters } from "./hyperparameters.ts";
export type { InputTransform } from "./input-transform.ts";
export { OnnxTrainer } from "./onnx-trainer.ts";
export {
  type OnnxTrainerOptions,
  type OnnxTrainerOptionsInput,
  onnxTrainerOptions,
} from "./onnx-trainer-options.ts";
export type { UnetOptions } from "./unet.ts";
export { exportOnnx } from "./weights-file.ts";
