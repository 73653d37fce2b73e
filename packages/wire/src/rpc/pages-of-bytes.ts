// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { maxPageBytes } from "./bulk-files.ts";

/** Cuts bytes into pieces that fit into one value of a stream, and leaves empty ones out. */
export async function* pagesOfBytes(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.byteLength; start += maxPageBytes) {
      yield chunk.subarray(start, start + maxPageBytes);
    }
  }
}
