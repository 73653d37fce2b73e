// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype } from "@rmtc/spec";
import { bfloat16ToFloat32, float32ToBfloat16 } from "./bfloat16.ts";
import { elementCount } from "./dtype.ts";
import { float16ToFloat32, float32ToFloat16 } from "./float16.ts";
import { isRoundable, type RoundableDtype, type RoundedData, roundToIntegers } from "./round-to-integers.ts";
import {
  bfloat16Format,
  decodeE8M0,
  decodeSmallFloat,
  encodeE8M0,
  encodeSmallFloat,
  float8Formats,
} from "./small-float.ts";
import { type Tensor, type TensorData, zeroTensor } from "./tensor.ts";

type Float8 = keyof typeof float8Formats | "F8_E8M0";

/** Whatever a number of a small type can be, without rounding. */
type Wide = Float32Array | Float64Array;

const decodeTables = new Map<Float8, Float32Array>();

/** Integers that F32 holds exactly. */
const smallIntegers: ReadonlySet<Dtype> = new Set(["U8", "U16", "I8", "I16", "BOOL"]);

/**
 * Converts a tensor to another element type, to the nearest value with ties to even, rounding once.
 *
 * Among F64, F32, F16, BF16, the F8 types and integers of up to 32 bits; numbers stay what they are, so that 255
 * becomes 255.0. From BOOL, which counts as 0 and 1, but not to it. A float that is too large becomes infinity,
 * or NaN in a type without one; an integer is refused. The result has its own memory unless the type is already
 * right, and then is the same tensor. `target` brings memory for reuse.
 *
 * @see spec/draft/tensor-layout.md
 * @throws RMTC_FORMAT_UNSUPPORTED when one of the types is not among those.
 * @throws RMTC_VALUE_INVALID when an integer type cannot hold a value: it is NaN or out of range.
 * @throws RMTC_LAYOUT_MISMATCH when `target` has another type or length.
 */
export function convertTensor(tensor: Tensor, dtype: Dtype, target?: TensorData): Tensor {
  if (tensor.dtype === dtype && target === undefined) return tensor;
  requireConversion(tensor.dtype, dtype);
  const { layout } = tensor;
  const relaid = layout === undefined ? undefined : { ...layout, dtype };
  const made =
    target === undefined
      ? zeroTensor(dtype, tensor.shape, relaid)
      : { dtype, shape: tensor.shape, data: target, ...(relaid === undefined ? {} : { layout: relaid }) };
  const count = elementCount(tensor.shape);
  if (made.data.length !== count || zeroTensor(dtype, [0]).data.constructor !== made.data.constructor) {
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", `The target does not hold ${count} elements of ${dtype}.`);
  }
  convertData(tensor.dtype, tensor.data, dtype, made.data);
  return made;
}

function convertData(from: Dtype, source: TensorData, to: Dtype, target: TensorData): void {
  if (from === to) {
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(
      new Uint8Array(source.buffer, source.byteOffset, source.byteLength),
    );
  } else if (to === "F32" && isNarrow(from)) {
    widen(from, source, target as Float32Array);
  } else {
    narrow(to, exactly(from, source), target);
  }
}

/** Gives the elements as floats that hold each of them exactly. */
function exactly(from: Dtype, source: TensorData): Wide {
  if (from === "F32" || from === "F64") return source as Wide;
  if (from === "I32" || from === "U32") return Float64Array.from(source as Int32Array | Uint32Array);
  const wide = new Float32Array(source.length);
  widen(from, source, wide);
  return wide;
}

function requireConversion(from: Dtype, to: Dtype): void {
  if (from === to) return;
  if (!isConvertible(from)) throw unsupported(from);
  if (!isConvertible(to) || to === "BOOL") throw unsupported(to);
}

function isConvertible(dtype: Dtype): boolean {
  return isNarrow(dtype) || isRoundable(dtype) || dtype === "F32" || dtype === "F64";
}

/** Tells whether F32 holds every value of a type. */
function isNarrow(dtype: Dtype): boolean {
  return dtype === "F16" || dtype === "BF16" || smallIntegers.has(dtype) || isFloat8(dtype);
}

function widen(from: Dtype, source: TensorData, target: Float32Array): void {
  if (from === "F16") float16ToFloat32(source as Float16Array, target);
  else if (from === "BF16") bfloat16ToFloat32(source as Uint16Array, target);
  else if (smallIntegers.has(from)) target.set(source as Uint16Array);
  else {
    const codes = source as Uint8Array;
    const table = decodeTable(from as Float8);
    for (let i = 0; i < codes.length; i++) target[i] = table[codes[i] as number] as number;
  }
}

function narrow(to: Dtype, source: Wide, target: TensorData): void {
  if (to === "F64" || to === "F32") (target as Wide).set(source);
  else if (to === "F16" && source instanceof Float32Array) float32ToFloat16(source, target as Float16Array);
  // Straight from the double: by way of F32 it would be rounded twice.
  else if (to === "F16") (target as Float16Array).set(source);
  else if (to === "BF16" && source instanceof Float32Array) float32ToBfloat16(source, target as Uint16Array);
  else if (to === "BF16") encode(source, target as Uint16Array, encodeSmallFloat.bind(null, bfloat16Format));
  else if (to === "F8_E8M0") encode(source, target as Uint8Array, encodeE8M0);
  else if (isFloat8(to)) {
    encode(source, target as Uint8Array, encodeSmallFloat.bind(null, float8Formats[to]));
  } else roundToIntegers(to as RoundableDtype, source, target as RoundedData);
}

function encode(source: Wide, target: Uint8Array | Uint16Array, code: (value: number) => number): void {
  for (let i = 0; i < source.length; i++) target[i] = code(source[i] as number);
}

function isFloat8(dtype: Dtype): dtype is Float8 {
  return dtype === "F8_E8M0" || Object.hasOwn(float8Formats, dtype);
}

function decodeTable(name: Float8): Float32Array {
  let table = decodeTables.get(name);
  if (table === undefined) {
    table = Float32Array.from({ length: 256 }, (_, code) =>
      name === "F8_E8M0" ? decodeE8M0(code) : decodeSmallFloat(float8Formats[name], code),
    );
    decodeTables.set(name, table);
  }
  return table;
}

function unsupported(dtype: Dtype): RmtcError {
  return new RmtcError(
    "RMTC_FORMAT_UNSUPPORTED",
    `${dtype} is not converted; floats of 8 to 64 bits and integers of up to 32 bits are.`,
  );
}
