// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Tensor } from "onnxruntime-node";

/** An element type that can cross into ONNX Runtime's JavaScript interface and back. */
export type RuntimeDtype =
  | "F64"
  | "F32"
  | "F16"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U64"
  | "U32"
  | "U16"
  | "U8"
  | "BOOL";

/** ONNX Runtime's names for them. */
const RUNTIME_TYPES: Readonly<Record<RuntimeDtype, Tensor.Type>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U64: "uint64",
  U32: "uint32",
  U16: "uint16",
  U8: "uint8",
  BOOL: "bool",
};

const DTYPES = new Map<string, RuntimeDtype>(
  Object.entries(RUNTIME_TYPES).map(([dtype, type]) => [type, dtype as RuntimeDtype]),
);

/** Tells whether `name` is an element type that can cross into ONNX Runtime and back. */
export function isRuntimeDtype(name: string): name is RuntimeDtype {
  return Object.hasOwn(RUNTIME_TYPES, name);
}

/** Returns ONNX Runtime's name for an element type. */
export function dtypeToRuntime(dtype: RuntimeDtype): Tensor.Type {
  return RUNTIME_TYPES[dtype];
}

/** Finds the element type by ONNX Runtime's name; `undefined` for text and 4-bit integers. */
export function dtypeFromRuntime(type: string): RuntimeDtype | undefined {
  return DTYPES.get(type);
}
