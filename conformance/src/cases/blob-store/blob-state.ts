// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { BlobState, BlobStore } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";

/** Returns the state of one blob. */
export async function stateOf(store: BlobStore, digest: Digest): Promise<BlobState> {
  const [status] = await store.status([digest]);
  assert.equal(status?.digest, digest, "status answers for another digest");
  return status.state;
}
