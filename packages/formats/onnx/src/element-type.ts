// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/**
 * Element types of ONNX tensors, under the names that safetensors uses where it has one.
 *
 * The number is ONNX's `TensorProto.DataType`, `bits` the size of one element; text has none.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
const ELEMENT_TYPES = {
  F32: { code: 1, bits: 32 },
  U8: { code: 2, bits: 8 },
  I8: { code: 3, bits: 8 },
  U16: { code: 4, bits: 16 },
  I16: { code: 5, bits: 16 },
  I32: { code: 6, bits: 32 },
  I64: { code: 7, bits: 64 },
  STRING: { code: 8, bits: 0 },
  BOOL: { code: 9, bits: 8 },
  F16: { code: 10, bits: 16 },
  F64: { code: 11, bits: 64 },
  U32: { code: 12, bits: 32 },
  U64: { code: 13, bits: 64 },
  C64: { code: 14, bits: 64 },
  C128: { code: 15, bits: 128 },
  BF16: { code: 16, bits: 16 },
  F8_E4M3: { code: 17, bits: 8 },
  F8_E4M3FNUZ: { code: 18, bits: 8 },
  F8_E5M2: { code: 19, bits: 8 },
  F8_E5M2FNUZ: { code: 20, bits: 8 },
  U4: { code: 21, bits: 4 },
  I4: { code: 22, bits: 4 },
  F4: { code: 23, bits: 4 },
  F8_E8M0: { code: 24, bits: 8 },
  U2: { code: 25, bits: 2 },
  I2: { code: 26, bits: 2 },
} as const;

/** An ONNX element type by name, such as `"F32"`. */
export type OnnxElementType = keyof typeof ELEMENT_TYPES;

const NAMES = new Map<number, OnnxElementType>(
  Object.entries(ELEMENT_TYPES).map(([name, { code }]) => [code, name as OnnxElementType]),
);

/** Finds the element type with ONNX's number `code`, or `undefined` for one that this version does not know. */
export function elementTypeFromCode(code: number): OnnxElementType | undefined {
  return NAMES.get(code);
}

/** Returns ONNX's number for an element type. */
export function elementTypeToCode(type: OnnxElementType): number {
  return ELEMENT_TYPES[type].code;
}

/** Returns the bits that one element takes in raw data; 0 for text. */
export function bitsPerElement(type: OnnxElementType): number {
  return ELEMENT_TYPES[type].bits;
}
