// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { inferer, inferer as default } from "./extension.ts";
export { OnnxInferable } from "./onnx-inferable.ts";
export { OnnxInferer } from "./onnx-inferer.ts";
export {
  type OnnxInfererOptions,
  type OnnxInfererOptionsInput,
  onnxInfererOptions,
} from "./onnx-inferer-options.ts";
