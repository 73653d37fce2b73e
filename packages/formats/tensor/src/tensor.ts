// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype, TensorLayout } from "@rmtc/spec";
import { tensorByteLength } from "./dtype.ts";

/** The typed arrays a tensor's elements may lie in. */
export type TensorData =
  | Float64Array
  | Float32Array
  | Float16Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | BigUint64Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/**
 * Elements in row-major order (the last axis varies fastest), with their type and shape.
 *
 * `data` is the typed array of the dtype. BF16 lies as its bits in a `Uint16Array`, C64 as pairs of real and
 * imaginary part in a `Float32Array`, BOOL and everything of 8 bits or fewer as bytes in a `Uint8Array`.
 */
export interface Tensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
  /** What the axes, channels and values mean, where that is known. */
  readonly layout?: TensorLayout | undefined;
}

interface TensorDataConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TensorData;
}

const constructors: Readonly<Record<Dtype, TensorDataConstructor>> = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Float16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
  C64: Float32Array,
  F8_E5M2: Uint8Array,
  F8_E4M3: Uint8Array,
  F8_E8M0: Uint8Array,
  F8_E5M2FNUZ: Uint8Array,
  F8_E4M3FNUZ: Uint8Array,
  F4: Uint8Array,
  F6_E2M3: Uint8Array,
  F6_E3M2: Uint8Array,
};

/** Gives the alignment in bytes that a view on elements of `dtype` needs: 1, 2, 4 or 8. */
export function dtypeAlignment(dtype: Dtype): number {
  return constructors[dtype].BYTES_PER_ELEMENT;
}

/**
 * Makes a tensor on `bytes`, without a copy where their address is aligned to the element, else on a copy.
 *
 * @throws RMTC_LAYOUT_MISMATCH when `bytes` is not exactly as long as dtype and shape say.
 */
export function tensorFromBytes(
  dtype: Dtype,
  shape: readonly number[],
  bytes: Uint8Array,
  layout?: TensorLayout,
): Tensor {
  const expected = tensorByteLength(dtype, shape);
  if (bytes.byteLength !== expected) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `A ${dtype} tensor of shape [${shape}] needs ${expected} bytes; ${bytes.byteLength} were given.`,
    );
  }
  const Data = constructors[dtype];
  const size = Data.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const data = new Data(aligned.buffer, aligned.byteOffset, expected / size);
  return { dtype, shape, data, ...(layout === undefined ? {} : { layout }) };
}

/**
 * Makes a tensor whose elements are all zero.
 *
 * @throws RMTC_LIMIT_EXCEEDED when the shape has more elements than can be addressed.
 */
export function zeroTensor(dtype: Dtype, shape: readonly number[], layout?: TensorLayout): Tensor {
  const byteLength = tensorByteLength(dtype, shape);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(byteLength);
  } catch (cause) {
    const message = `A ${dtype} tensor of shape [${shape}] needs ${byteLength} bytes, more than can be had.`;
    throw new RmtcError("RMTC_LIMIT_EXCEEDED", message, { cause });
  }
  return tensorFromBytes(dtype, shape, bytes, layout);
}

/**
 * Makes a tensor on a typed array that is already of the right kind and length.
 *
 * @throws RMTC_LAYOUT_MISMATCH when kind or length differ from what dtype and shape say.
 */
export function tensorOf(
  dtype: Dtype,
  shape: readonly number[],
  data: TensorData,
  layout?: TensorLayout,
): Tensor {
  const expected = tensorByteLength(dtype, shape);
  if (!(data instanceof constructors[dtype]) || data.byteLength !== expected) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `A ${dtype} tensor of shape [${shape}] needs a ${constructors[dtype].name} of ${expected} bytes.`,
    );
  }
  return { dtype, shape, data, ...(layout === undefined ? {} : { layout }) };
}

/** Gives a tensor's elements as the bytes they lie in, little-endian, without a copy. */
export function tensorBytes(tensor: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
