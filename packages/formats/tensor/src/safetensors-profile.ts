// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { layoutMetadataKey } from "./layout-metadata.ts";
import { inFileOrder, planSafetensors } from "./plan-safetensors.ts";
import { headerLength, parseHeader, run } from "./safetensors-header.ts";

/**
 * Gives the first thing in which a safetensors file differs from the profile of the standard, as a sentence, or
 * `undefined`. Any reader reads such a file; it only may not map into memory, or not be the same bytes again.
 *
 * @param head The file's bytes, at least to the end of its header.
 * @param fileBytes Size of the whole file.
 * @see spec/draft/tensor-layout.md
 * @throws RMTC_FORMAT_INVALID, RMTC_FORMAT_UNSUPPORTED or RMTC_LIMIT_EXCEEDED when it is no valid safetensors file.
 */
export function findProfileIssue(head: Uint8Array, fileBytes: number): string | undefined {
  const length = headerLength(head, fileBytes);
  const { tensors, metadata, dataStart } = run(parseHeader(head.subarray(8, 8 + length), fileBytes));
  const entries = [...tensors.values()];
  const strings = [...metadata].filter(([key]) => key !== layoutMetadataKey);
  const plan = planSafetensors(inFileOrder(entries), Object.fromEntries(strings));
  if (dataStart !== plan.head.byteLength) {
    return `Data starts at byte ${dataStart}; with this header it belongs at ${plan.head.byteLength}.`;
  }
  const moved = plan.entries.find(({ name, byteOffset }) => tensors.get(name)?.byteOffset !== byteOffset);
  if (moved !== undefined) {
    return `Tensor "${moved.name.slice(0, 100)}" is out of order; its data belongs at byte ${moved.byteOffset}.`;
  }
  if (Buffer.compare(plan.head, head.subarray(0, dataStart)) !== 0) {
    return "The header is not written in its one form: keys in order, no spaces, canonical layouts.";
  }
  return undefined;
}
