// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { inFileOrder, planSafetensors } from "./plan-safetensors.ts";
import { headerLength, parseHeader, run, type SafetensorsHeader } from "./safetensors-header.ts";
import { type Tensor, tensorBytes, tensorFromBytes } from "./tensor.ts";

/** The tensors of a safetensors file that is in memory. */
export interface ParsedSafetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Parses a safetensors file in memory; the tensors are views on `bytes` wherever their address is aligned.
 *
 * @throws RMTC_FORMAT_INVALID when the bytes break the format.
 * @throws RMTC_FORMAT_UNSUPPORTED when an element type is unknown.
 * @throws RMTC_LIMIT_EXCEEDED when the header is above 100 MB.
 */
export function parseSafetensors(bytes: Uint8Array): ParsedSafetensors {
  const length = headerLength(bytes, bytes.byteLength);
  const header: SafetensorsHeader = run(parseHeader(bytes.subarray(8, 8 + length), bytes.byteLength));
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, byteOffset, byteLength, layout } of header.tensors.values()) {
    const data = bytes.subarray(byteOffset, byteOffset + byteLength);
    tensors.set(name, tensorFromBytes(dtype, shape, data, layout));
  }
  return { tensors, metadata: header.metadata };
}

/**
 * Writes tensors as the bytes of a safetensors file; the same input always gives the same bytes.
 *
 * Data starts at a multiple of 4096 and lies in falling element size, then name order. The layouts of the
 * tensors stand in the metadata `rmtc.layout`.
 *
 * @throws RMTC_OPTION_INVALID when a name is taken twice or reserved, or metadata is not well formed.
 * @throws RMTC_LAYOUT_MISMATCH when a layout or the data does not fit its tensor.
 */
export function safetensorsToBytes(
  tensors: Iterable<readonly [string, Tensor]>,
  options: { readonly metadata?: Readonly<Record<string, string>> } = {},
): Uint8Array {
  const named = inFileOrder(Array.from(tensors, ([name, tensor]) => ({ name, tensor, ...tensor })));
  const plan = planSafetensors(named, options.metadata);
  const bytes = new Uint8Array(plan.byteLength);
  bytes.set(plan.head);
  for (const [index, { tensor }] of named.entries()) {
    const entry = plan.entries[index];
    if (entry !== undefined) bytes.set(checkedBytes(tensor, entry.byteLength), entry.byteOffset);
  }
  return bytes;
}

/**
 * Gives a tensor's bytes once their length is known to be right.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the data is longer or shorter than dtype and shape say.
 */
export function checkedBytes(tensor: Tensor, byteLength: number): Uint8Array {
  const bytes = tensorBytes(tensor);
  if (bytes.byteLength !== byteLength) tensorFromBytes(tensor.dtype, tensor.shape, bytes);
  return bytes;
}
