// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inclusionProof, leafHash, merkleRoot, rootOfProof } from "../src/merkle-tree.ts";

/** The Merkle Tree Hash, word for word as RFC 9162 §2.1.1 defines it. */
function definedRoot(data: readonly Buffer[]): Buffer {
  const sha = (...bytes: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(bytes)).digest();
  if (data.length === 0) return sha();
  if (data.length === 1) return sha(Buffer.of(0), data[0] as Buffer);
  let split = 1;
  while (split * 2 < data.length) split *= 2;
  return sha(Buffer.of(1), definedRoot(data.slice(0, split)), definedRoot(data.slice(split)));
}

const sizes = Array.from({ length: 34 }, (_, size) => size);
const dataOf = (size: number): Buffer[] =>
  Array.from({ length: size }, (_, index) => Buffer.from(`leaf ${index}`));

describe("a Merkle tree", () => {
  it("has the root that RFC 9162 defines, for every size up to 33", () => {
    for (const size of sizes) {
      expect(merkleRoot(dataOf(size).map(leafHash))).toEqual(definedRoot(dataOf(size)));
    }
  });

  it("proves every leaf of every size, and no leaf at another place, size or sibling", () => {
    for (const size of sizes) {
      const leaves = dataOf(size).map(leafHash);
      const root = merkleRoot(leaves);
      for (const [index, leaf] of leaves.entries()) {
        const proof = inclusionProof(leaves, index);
        expect(rootOfProof(leaf, index, size, proof)).toEqual(root);
        expect(rootOfProof(leafHash("other"), index, size, proof)).not.toEqual(root);
        expect(rootOfProof(leaf, index, size, [...proof, leaf])).toBeUndefined();
        if (proof.length > 0) {
          expect(rootOfProof(leaf, index, size, proof.slice(1))).not.toEqual(root);
          expect(rootOfProof(leaf, (index + 1) % size, size, proof)).not.toEqual(root);
        }
      }
    }
  });

  it("refuses indexes and sizes that no tree has", () => {
    const leaf = leafHash("x");
    for (const [index, size] of [
      [-1, 1],
      [1, 1],
      [0, 0],
      [0.5, 2],
      [Number.NaN, 2],
      [0, 2 ** 53],
    ] as const) {
      expect(rootOfProof(leaf, index, size, [])).toBeUndefined();
    }
  });

  it("binds any single changed byte of a proof", () => {
    const leaves = dataOf(21).map(leafHash);
    const root = merkleRoot(leaves);
    fc.assert(
      fc.property(
        fc.nat(20),
        fc.nat(31),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(),
        (index, byte, flip, at) => {
          const proof = inclusionProof(leaves, index).map((hash) => Buffer.from(hash));
          const sibling = proof[at % proof.length] as Buffer;
          sibling[byte] = (sibling[byte] as number) ^ flip;
          expect(rootOfProof(leaves[index] as Buffer, index, 21, proof)).not.toEqual(root);
        },
      ),
    );
  });
});
