// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { defineExtension, type Extension } from "@rmtc/contract";
import { OnnxInferer } from "./onnx-inferer.ts";
import { type OnnxInfererOptions, onnxInfererOptions } from "./onnx-inferer-options.ts";

/** The inferer as an extension: `onnx` in a configuration. */
export const inferer: Extension<"inferer", OnnxInfererOptions> = defineExtension({
  role: "inferer",
  name: "@rmtc/inferer-onnx",
  version: "0.1.0",
  contract: 1,
  scheme: "onnx",
  options: onnxInfererOptions,
  open: async (options) => new OnnxInferer(options),
});
