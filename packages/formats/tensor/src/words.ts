// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Unsigned integers of 1, 2 or 4 bytes, which move bits without a conversion of NaNs. */
export type Words = Uint8Array | Uint16Array | Uint32Array;

/** Views bytes as words of 1, 2 or 4 bytes. */
export function wordsOf(bytes: Uint8Array, wordBytes: number): Words {
  if (wordBytes === 1) return bytes;
  const length = bytes.byteLength / wordBytes;
  return wordBytes === 2
    ? new Uint16Array(bytes.buffer, bytes.byteOffset, length)
    : new Uint32Array(bytes.buffer, bytes.byteOffset, length);
}
