// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { convertAlpha } from "./convert-alpha.ts";
export { convertCameraFrame, convertSpace } from "./convert-frame.ts";
export { convertMatrixConvention } from "./convert-matrix-convention.ts";
export { convertTensor } from "./convert-tensor.ts";
export { bitsPerElement, dtypes, elementCount, isDtype, tensorByteLength } from "./dtype.ts";
export { fileError } from "./file-error.ts";
export { findNonFinite, type NonFinite } from "./find-non-finite.ts";
export { flipOrigin } from "./flip-origin.ts";
export { float16ToFloat32, float32ToFloat16 } from "./float16.ts";
export { findLayoutIssue, parseLayout } from "./layout-issue.ts";
export { npyToBytes, parseNpy } from "./npy.ts";
export { permuteAxes } from "./permute-axes.ts";
export type { TensorSpec } from "./plan-safetensors.ts";
export { openRegularFile, readFully, writeFully } from "./read-write-fully.ts";
export { type ReplaceFileOptions, replaceFile } from "./replace-file.ts";
export { reverseWinding } from "./reverse-winding.ts";
export { type ParsedSafetensors, parseSafetensors, safetensorsToBytes } from "./safetensors.ts";
export { openSafetensors, SafetensorsFile, writeSafetensors } from "./safetensors-file.ts";
export type { SafetensorsEntry } from "./safetensors-header.ts";
export { findProfileIssue } from "./safetensors-profile.ts";
export { createSlotFile, openSlotFile, SlotFile } from "./slot-file.ts";
export {
  type Tensor,
  type TensorData,
  tensorBytes,
  tensorFromBytes,
  tensorOf,
  zeroTensor,
} from "./tensor.ts";
export { transposeTensor } from "./transpose-tensor.ts";
export { requireLayout, validateLayout } from "./validate-layout.ts";
