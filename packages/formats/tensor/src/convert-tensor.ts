// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype } from "@rmtc/spec";
import { bfloat16ToFloat32, float32ToBfloat16 } from "./bfloat16.ts";
import { elementCount } from "./dtype.ts";
import { float16ToFloat32, float32ToFloat16 } from "./float16.ts";
import { decodeE8M0, decodeSmallFloat, encodeE8M0, encodeSmallFloat, float8Formats } from "./small-float.ts";
import { type Tensor, type TensorData, zeroTensor } from "./tensor.ts";

type Float8 = keyof typeof float8Formats | "F8_E8M0";

const decodeTables = new Map<Float8, Float32Array>();

/** Integers that F32 holds exactly. */
const smallIntegers: ReadonlySet<Dtype> = new Set(["U8", "U16", "I8", "I16", "BOOL"]);

/**
 * Converts a tensor to a floating-point type, to the nearest value with ties to even.
 *
 * From F64, F32, F16, BF16, the F8 types and integers of up to 16 bits, to any of those floats; numbers stay what
 * they are, so that 255 becomes 255.0. Whatever F32 can hold becomes F32 exactly. The result has its own memory
 * unless the type is already right, and then is the same tensor. `target` brings memory for reuse.
 *
 * @throws RMTC_FORMAT_UNSUPPORTED when one of the types is not among those, or narrowing starts at F64 and
 * does not end at F32 or F16.
 * @throws RMTC_LAYOUT_MISMATCH when `target` has another type or length.
 */
export function convertTensor(tensor: Tensor, dtype: Dtype, target?: TensorData): Tensor {
  if (tensor.dtype === dtype && target === undefined) return tensor;
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
  } else if (from === "F64" && to === "F32") {
    (target as Float32Array).set(source as Float64Array);
  } else if (from === "F64" && to === "F16") {
    // Straight from the double: by way of F32 it would be rounded twice.
    (target as Float16Array).set(source as Float64Array);
  } else if (from === "F64") {
    throw unsupported(from, to);
  } else if (to === "F32") {
    widen(from, source, target as Float32Array);
  } else if (from === "F32") {
    narrow(to, source as Float32Array, target);
  } else {
    const wide = new Float32Array(source.length);
    widen(from, source, wide);
    narrow(to, wide, target);
  }
}

function widen(from: Dtype, source: TensorData, target: Float32Array): void {
  if (from === "F16") float16ToFloat32(source as Float16Array, target);
  else if (from === "BF16") bfloat16ToFloat32(source as Uint16Array, target);
  else if (smallIntegers.has(from)) target.set(source as Uint16Array);
  else {
    const codes = source as Uint8Array;
    const table = decodeTable(float8Of(from, "F32"));
    for (let i = 0; i < codes.length; i++) target[i] = table[codes[i] as number] as number;
  }
}

function narrow(to: Dtype, source: Float32Array, target: TensorData): void {
  if (to === "F64") (target as Float64Array).set(source);
  else if (to === "F16") float32ToFloat16(source, target as Float16Array);
  else if (to === "BF16") float32ToBfloat16(source, target as Uint16Array);
  else {
    const codes = target as Uint8Array;
    const name = float8Of(to, "F32");
    if (name === "F8_E8M0") {
      for (let i = 0; i < source.length; i++) codes[i] = encodeE8M0(source[i] as number);
    } else {
      const format = float8Formats[name];
      for (let i = 0; i < source.length; i++) codes[i] = encodeSmallFloat(format, source[i] as number);
    }
  }
}

function float8Of(dtype: Dtype, other: Dtype): Float8 {
  if (dtype === "F8_E8M0" || Object.hasOwn(float8Formats, dtype)) return dtype as Float8;
  throw unsupported(dtype, other);
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

function unsupported(from: Dtype, to: Dtype): RmtcError {
  return new RmtcError(
    "RMTC_FORMAT_UNSUPPORTED",
    `There is no conversion from ${from} to ${to}; floats of 8 to 64 bits and integers of up to 16 bits become F32.`,
  );
}
