// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest } from "@rmtc/spec";
import { leafHash, merkleRoot } from "./merkle-tree.ts";
import { digestFromBytes, digestToBytes } from "./sha256.ts";

/** Computes a segment's root: the RFC 9162 tree over its lines' leaves, in append order. */
export function segmentRoot(leaves: Iterable<Digest>): Digest {
  return digestFromBytes(merkleRoot(Iterator.from(leaves).map(digestToBytes)));
}

/**
 * Computes a dataset's `itemsRoot`: the RFC 9162 Merkle Tree Hash over the segments' roots.
 *
 * The 32 bytes of each root are the data of a leaf, so they are hashed behind 0x00 like any other leaf.
 *
 * @see spec/draft/provenance.md#datasets
 */
export function itemsRoot(segmentRoots: Iterable<Digest>): Digest {
  return digestFromBytes(
    merkleRoot(Iterator.from(segmentRoots).map((root) => leafHash(digestToBytes(root)))),
  );
}
