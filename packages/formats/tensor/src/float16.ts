// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { convertBlocks } from "./kernels.ts";

/** Widens half floats to single floats, exactly, NaNs bit by bit; `target` has the length of `source`. */
export function float16ToFloat32(source: Float16Array, target: Float32Array): void {
  convertBlocks("widen", bytesOf(source), bytesOf(target));
}

/**
 * Narrows single floats to half floats, to the nearest with ties to even; `target` has the length of `source`.
 *
 * A NaN keeps the top of its payload, so that what `float16ToFloat32` made comes back bit by bit.
 */
export function float32ToFloat16(source: Float32Array, target: Float16Array): void {
  convertBlocks("narrow", bytesOf(source), bytesOf(target));
}

function bytesOf(data: Float16Array | Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
