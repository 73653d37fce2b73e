// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype } from "@rmtc/spec";
import { roundHalfEven } from "./small-float.ts";

const limits = {
  U8: [0, 255],
  U16: [0, 65_535],
  U32: [0, 4_294_967_295],
  I8: [-128, 127],
  I16: [-32_768, 32_767],
  I32: [-2_147_483_648, 2_147_483_647],
} as const;

/** Integer types that floats are rounded to. */
export type RoundableDtype = keyof typeof limits;

/** The typed arrays of these types. */
export type RoundedData = Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array;

/** Tells whether floats are rounded to this type. */
export function isRoundable(dtype: Dtype): dtype is RoundableDtype {
  return Object.hasOwn(limits, dtype);
}

/**
 * Rounds floats to the nearest integers, ties to even; `target` has the length of `source`.
 *
 * @throws RMTC_VALUE_INVALID when a value is NaN or its integer is out of the type's range; nothing is clamped.
 */
export function roundToIntegers(
  dtype: RoundableDtype,
  source: Float32Array | Float64Array,
  target: RoundedData,
): void {
  const [least, most] = limits[dtype];
  for (let i = 0; i < source.length; i++) {
    const value = source[i] as number;
    const integer = roundHalfEven(value);
    if (!(integer >= least && integer <= most)) {
      throw new RmtcError(
        "RMTC_VALUE_INVALID",
        `Element ${i} is ${value}; ${dtype} holds ${least} to ${most}.`,
      );
    }
    target[i] = integer;
  }
}
