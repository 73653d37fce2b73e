// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { type AttributeInput, floatValue } from "./attribute-input.ts";
export { numbersFromTensor, tensorFromNumbers } from "./constant-tensor.ts";
export { bitsPerElement, type OnnxElementType } from "./element-type.ts";
export { differentiableOperators, differentiate } from "./gradients/differentiate.ts";
export { GraphBuilder, type NodeOptions } from "./graph-builder.ts";
export type { GraphValue } from "./graph-value.ts";
export { inlineModel } from "./inline-model.ts";
export type {
  OnnxAttribute,
  OnnxDimension,
  OnnxExternalData,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxOpsetImport,
  OnnxTensor,
  OnnxTensorType,
  OnnxValueInfo,
} from "./onnx-model.ts";
export { onnxToBytes } from "./onnx-to-bytes.ts";
export { parseOnnx } from "./parse-onnx.ts";
export { readOnnx } from "./read-onnx.ts";
export { knownOperators } from "./shapes/infer-outputs.ts";
export { type AdamOptions, type AdamScalars, adamScalars } from "./training/adam.ts";
export {
  buildEvaluation,
  buildTrainingStep,
  type TrainingStep,
  type TrainingStepOptions,
} from "./training/build-training-step.ts";
export {
  layOutParameters,
  type ParameterSlot,
  parameterCount,
  parametersOf,
  withParameters,
} from "./training/parameter-layout.ts";
