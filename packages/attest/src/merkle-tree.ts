// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";

/** Computes the hash of a leaf: SHA-256(0x00 ‖ data), as in RFC 9162 §2.1.1. */
export function leafHash(data: string | Uint8Array): Buffer {
  return hash(
    "sha256",
    Buffer.concat([leafPrefix, typeof data === "string" ? Buffer.from(data) : data]),
    "buffer",
  );
}

const leafPrefix: Buffer = Buffer.from([0]);
const nodePrefix: Buffer = Buffer.from([1]);

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return hash("sha256", Buffer.concat([nodePrefix, left, right]), "buffer");
}

/** Computes the root of a tree leaf by leaf, keeping only one hash per level (RFC 9162 §2.1.2). */
export class MerkleRoot {
  /** Roots of complete subtrees, largest first; `sizes` holds how many leaves each has. */
  readonly #roots: Buffer[] = [];
  readonly #sizes: number[] = [];
  #size = 0;

  /** Leaves appended so far. */
  get size(): number {
    return this.#size;
  }

  /** Appends a leaf by its hash, which {@link leafHash} computes. */
  append(leaf: Buffer): void {
    let root = leaf;
    let size = 1;
    while (this.#sizes.at(-1) === size) {
      root = nodeHash(this.#roots.pop() as Buffer, root);
      size += this.#sizes.pop() as number;
    }
    this.#roots.push(root);
    this.#sizes.push(size);
    this.#size++;
  }

  /** Computes the root over the leaves so far; the root of no leaves is SHA-256 of nothing. */
  root(): Buffer {
    if (this.#size === 0) return hash("sha256", "", "buffer");
    return this.#roots.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** Computes the root over leaf hashes: the Merkle Tree Hash of RFC 9162 §2.1.1. */
export function merkleRoot(leaves: Iterable<Buffer>): Buffer {
  const tree = new MerkleRoot();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}

/**
 * Computes the inclusion proof of one leaf (RFC 9162 §2.1.3.1): the sibling hashes from the leaf to the root.
 *
 * @param index zero-based, below `leaves.length`.
 */
export function inclusionProof(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length <= 1) return [];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const left = leaves.slice(0, split);
  const right = leaves.slice(split);
  return index < split
    ? [...inclusionProof(left, index), merkleRoot(right)]
    : [...inclusionProof(right, index - split), merkleRoot(left)];
}

/**
 * Computes the root that an inclusion proof leads to (RFC 9162 §2.1.3.2), or returns `undefined` when the
 * proof does not fit a tree of `size` leaves.
 */
export function rootOfProof(
  leaf: Buffer,
  index: number,
  size: number,
  proof: readonly Buffer[],
): Buffer | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
    return undefined;
  let node = index;
  let last = size - 1;
  let root = leaf;
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(sibling, root);
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : undefined;
}
