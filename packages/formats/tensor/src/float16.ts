// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Widens half floats to single floats, exactly; `target` has the length of `source`. */
export function float16ToFloat32(source: Float16Array, target: Float32Array): void {
  for (let i = 0; i < source.length; i++) target[i] = source[i] as number;
}

/** Narrows single floats to half floats, to the nearest with ties to even; `target` has the length of `source`. */
export function float32ToFloat16(source: Float32Array, target: Float16Array): void {
  target.set(source);
}
