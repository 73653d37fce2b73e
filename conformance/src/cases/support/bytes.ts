// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { sha256 } from "@rmtc/attest";
import type { BlobStore, ReadOptions } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";

/** Makes bytes that look random but are the same for the same seed. */
export function sampleBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  // Numerical Recipes' linear congruential generator; its upper byte is random enough not to repeat.
  for (let index = 0, state = seed; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Yields bytes in chunks of a size. */
export async function* inChunks(bytes: Uint8Array | string, chunkBytes = 65_536): AsyncGenerator<Uint8Array> {
  const all = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  for (let start = 0; start < all.length; start += chunkBytes) {
    yield all.subarray(start, start + chunkBytes);
  }
}

/** Reads a blob to its end. */
export async function readAll(store: BlobStore, digest: Digest, options?: ReadOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(digest, options)) {
    assert.ok(chunk instanceof Uint8Array, "a chunk is no Uint8Array");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Asserts that a blob has exactly these bytes. */
export function assertBytes(found: Uint8Array, wanted: Uint8Array | string, what = "the bytes"): void {
  const expected = typeof wanted === "string" ? Buffer.from(wanted) : wanted;
  assert.equal(found.length, expected.length, `${what} have another length`);
  assert.equal(sha256(found), sha256(expected), `${what} differ`);
}
