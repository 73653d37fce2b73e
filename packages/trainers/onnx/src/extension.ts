// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { OnnxTrainer } from "./onnx-trainer.ts";
import { type OnnxTrainerOptions, onnxTrainerOptions } from "./onnx-trainer-options.ts";

/** The trainer as an extension: `onnx` in a configuration. */
export const trainer: Extension<"trainer", OnnxTrainerOptions> = defineExtension({
  role: "trainer",
  name: "@rmtc/trainer-onnx",
  version: "0.1.0",
  contract: 1,
  scheme: "onnx",
  options: onnxTrainerOptions,
  open: async (options) => new OnnxTrainer(options),
});
