// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype } from "@rmtc/spec";

const bits: Readonly<Record<Dtype, number>> = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
  C64: 64,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E5M2FNUZ: 8,
  F8_E4M3FNUZ: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
};

/** Every element type, by the name that the safetensors format gives it. */
export const dtypes: readonly Dtype[] = Object.keys(bits) as Dtype[];

/** Tells whether `name` is a {@link Dtype}. */
export function isDtype(name: unknown): name is Dtype {
  return typeof name === "string" && Object.hasOwn(bits, name);
}

/** Gives the width of one element in bits: 64, 32, 16, 8, 6 or 4. */
export function bitsPerElement(dtype: Dtype): number {
  return bits[dtype];
}

/**
 * Multiplies the axes of a shape; the empty shape is a scalar and has one element.
 *
 * @throws RMTC_FORMAT_INVALID when an axis is not a non-negative integer.
 * @throws RMTC_LIMIT_EXCEEDED when the product leaves the safe integers.
 */
export function elementCount(shape: readonly number[]): number {
  const broken = shape.find((axis) => !Number.isSafeInteger(axis) || axis < 0);
  if (broken !== undefined) {
    throw new RmtcError("RMTC_FORMAT_INVALID", `A shape has an axis of ${broken}, which is not a size.`);
  }
  if (shape.includes(0)) return 0;
  const count = shape.reduce((product, axis) => product * axis, 1);
  if (count > Number.MAX_SAFE_INTEGER) {
    throw new RmtcError("RMTC_LIMIT_EXCEEDED", `A shape has ${count} elements, more than can be counted.`);
  }
  return count;
}

/**
 * Gives the packed size of a tensor in bytes.
 *
 * @throws RMTC_FORMAT_INVALID when elements of 4 or 6 bits do not fill the last byte.
 * @throws RMTC_LIMIT_EXCEEDED when the size leaves the safe integers.
 */
export function tensorByteLength(dtype: Dtype, shape: readonly number[]): number {
  const bitCount = elementCount(shape) * bits[dtype];
  if (bitCount > Number.MAX_SAFE_INTEGER) {
    throw new RmtcError("RMTC_LIMIT_EXCEEDED", `A ${dtype} tensor of shape [${shape}] is too large.`);
  }
  if (bitCount % 8 !== 0) {
    throw new RmtcError("RMTC_FORMAT_INVALID", `A ${dtype} tensor of shape [${shape}] ends inside a byte.`);
  }
  return bitCount / 8;
}
