// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import { inclusionProof, leafHash, rootOfProof } from "./merkle-tree.ts";
import { digestFromBytes, digestToBytes, isDigest } from "./sha256.ts";

/** A leaf's way to the root of one tree. */
export interface TreeProof {
  /** Zero-based place of the leaf. */
  readonly index: number;
  /** Leaves of the tree. */
  readonly size: number;
  /** Sibling hashes, from the leaf up. */
  readonly path: readonly Digest[];
}

/** Proves that an item is in a dataset: its leaf is in a segment, and the segment's root in `itemsRoot`. */
export interface ItemProof {
  readonly leaf: Digest;
  readonly item: TreeProof;
  readonly segment: TreeProof;
}

/**
 * Makes the proof that one line of one segment is in a dataset.
 *
 * @param leaves the leaves of the segment's lines; `index` is zero-based among them.
 * @param segmentRoots the roots of all segments; `segmentIndex` is zero-based among them.
 * @throws RMTC_OPTION_INVALID when an index is out of range.
 */
export function proveItem(
  leaves: readonly Digest[],
  index: number,
  segmentRoots: readonly Digest[],
  segmentIndex: number,
): ItemProof {
  const leaf = leaves[index];
  if (leaf === undefined) throw outOfRange("index", index, leaves.length);
  if (segmentRoots[segmentIndex] === undefined)
    throw outOfRange("segmentIndex", segmentIndex, segmentRoots.length);
  const segmentLeaves = segmentRoots.map((root) => leafHash(digestToBytes(root)));
  return {
    leaf,
    item: treeProof(leaves.map(digestToBytes), index),
    segment: treeProof(segmentLeaves, segmentIndex),
  };
}

/** Tells whether a proof leads from its leaf to a dataset's `itemsRoot`. */
export function verifyItemProof(proof: ItemProof, itemsRoot: Digest): boolean {
  // A hash of another length could shift bytes between two siblings, so every one is looked at.
  if (![proof.leaf, ...proof.item.path, ...proof.segment.path].every(isDigest)) return false;
  const root = follow(digestToBytes(proof.leaf), proof.item);
  if (root === undefined) return false;
  const top = follow(leafHash(root), proof.segment);
  return top !== undefined && digestFromBytes(top) === itemsRoot;
}

function treeProof(leaves: readonly Buffer[], index: number): TreeProof {
  return { index, size: leaves.length, path: inclusionProof(leaves, index).map(digestFromBytes) };
}

function follow(leaf: Buffer, { index, size, path }: TreeProof): Buffer | undefined {
  return rootOfProof(leaf, index, size, path.map(digestToBytes));
}

function outOfRange(name: string, value: number, length: number): RmtcError {
  return new RmtcError("RMTC_OPTION_INVALID", `${name} is ${value}; it must be from 0 to ${length - 1}.`, {
    pointer: `/${name}`,
  });
}
