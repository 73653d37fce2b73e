// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Tensor } from "./tensor.ts";

/** Where a tensor holds NaN or an infinity. */
export interface NonFinite {
  /** Index along each axis, outermost first. */
  readonly position: readonly number[];
  readonly value: number;
}

/**
 * Finds the first element that is NaN or infinite, in memory order, or `undefined`.
 *
 * @throws RMTC_FORMAT_UNSUPPORTED when the dtype is a float below 16 bits; convert it to F32 first.
 */
export function findNonFinite(tensor: Tensor): NonFinite | undefined {
  const index = firstNonFinite(tensor);
  if (index < 0) return undefined;
  const position: number[] = [];
  const perElement = tensor.dtype === "C64" ? 2 : 1;
  let rest = Math.floor(index / perElement);
  for (const size of [...tensor.shape].reverse()) {
    position.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return { position, value: valueAt(tensor, index) };
}

function firstNonFinite(tensor: Tensor): number {
  const { dtype, data } = tensor;
  if (dtype === "F16") return firstAbove(wordsOf(data, 2), 0x7c00);
  if (dtype === "BF16") return firstAbove(wordsOf(data, 2), 0x7f80);
  if (dtype === "F32" || dtype === "C64") return firstAbove(wordsOf(data, 4), 0x7f800000);
  if (dtype === "F64") return (data as Float64Array).findIndex((value) => !Number.isFinite(value));
  if (/^[FC]/.test(dtype)) {
    throw new RmtcError(
      "RMTC_FORMAT_UNSUPPORTED",
      `${dtype} values cannot be checked; convert them to F32 first.`,
    );
  }
  return -1;
}

/** All bits of the exponent set means NaN or infinity, in any IEEE format. */
function firstAbove(words: Uint16Array | Uint32Array, exponent: number): number {
  for (let i = 0; i < words.length; i++) {
    if (((words[i] as number) & exponent) === exponent) return i;
  }
  return -1;
}

function wordsOf(data: Tensor["data"], size: 2 | 4): Uint16Array | Uint32Array {
  return size === 2
    ? new Uint16Array(data.buffer, data.byteOffset, data.length)
    : new Uint32Array(data.buffer, data.byteOffset, data.length);
}

function valueAt(tensor: Tensor, index: number): number {
  if (tensor.dtype !== "BF16") return Number(tensor.data[index]);
  const bits = new Uint32Array([Number(tensor.data[index]) << 16]);
  return new Float32Array(bits.buffer)[0] as number;
}
