// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { DatasetItem, Digest } from "@rmtc/spec";
import {
  itemLeaf,
  itemsRoot,
  parseSegmentLine,
  proveItem,
  SegmentBuilder,
  segmentRoot,
  sha256,
  verifyItemProof,
} from "../../src/index.ts";
import { fixedId, fixedSalt, outcome, type VectorFile, type VectorTest } from "./vector-file.ts";

function item(index: number): DatasetItem {
  return {
    key: `sh010.${1001 + index}`,
    split: index === 4 ? "validation" : "train",
    slots: {
      plate: {
        record: fixedId(100 + index),
        digest: sha256(`plate ${index}`),
        path: `plate/sh010.${1001 + index}.exr`,
      },
    },
    subjects: [{ subject: fixedId(3), role: "likeness", kinds: ["face"] }],
  };
}

/** Lines, leaves, roots and proofs of dataset items. */
export function itemVectors(): VectorFile {
  return {
    description:
      "`segment` gives the lines of a segment with their leaves, digest, count and root; `itemsRoot` the root over segments' roots; `line` refuses a line; `proof` says whether a proof leads to a root. The salts are fixed for the test only. RMTC-PRV-040 to RMTC-PRV-045, RMTC-PRV-047.",
    tests: [...segments(), ...roots(), ...lines(), ...proofs()],
  };
}

function segment(
  count: number,
  erased: readonly number[],
): Readonly<Record<string, unknown>> & { readonly leaves: readonly Digest[] } {
  const builder = new SegmentBuilder();
  const leaves = Array.from({ length: count }, (_, index) => itemLeaf(item(index), fixedSalt(index + 1)));
  const text = leaves.map((leaf, index) =>
    erased.includes(index) ? builder.addLeaf(leaf) : builder.addItem(item(index), fixedSalt(index + 1)),
  );
  return { lines: text.map((line) => line.trimEnd()), leaves, ...builder.finish() };
}

function segments(): VectorTest[] {
  const cases: readonly (readonly [string, number, readonly number[]])[] = [
    ["hashes one item", 1, []],
    ["hashes five items in append order", 5, []],
    ["keeps the root when two of the five are erased", 5, [1, 4]],
    ["keeps the root when all five are erased", 5, [0, 1, 2, 3, 4]],
  ];
  return cases.map(([description, count, erased]) => ({
    description,
    operation: "segment",
    ...segment(count, erased),
  }));
}

function roots(): VectorTest[] {
  return [0, 1, 2, 3, 7].map((count) => {
    const list = Array.from({ length: count }, (_, index) => segment(index + 1, []).root as Digest);
    return {
      description: `takes the roots of ${count} segments as the data of leaves`,
      operation: "itemsRoot",
      segmentRoots: list,
      itemsRoot: itemsRoot(list),
    };
  });
}

function lines(): VectorTest[] {
  const leaf = sha256("leaf");
  const salt = fixedSalt(1);
  const cases: readonly (readonly [string, string])[] = [
    ["reads a bare leaf", `{"leaf":"${leaf}"}`],
    ["refuses a line with white space", `{"leaf": "${leaf}"}`],
    [
      "refuses a line with keys out of order",
      `{"salt":"${salt}","item":{"key":"a","slots":{},"split":"train"}}`,
    ],
    ["refuses an item without a salt", '{"item":{"key":"a","slots":{},"split":"train"}}'],
    [
      "refuses a leaf beside an item",
      `{"item":{"key":"a","slots":{},"split":"train"},"leaf":"${leaf}","salt":"${salt}"}`,
    ],
    ["refuses an empty line", "{}"],
  ];
  return cases.map(([description, line]) => ({
    description,
    operation: "line",
    line,
    ...outcome(() => ({ leaf: parseSegmentLine(line).leaf })),
  }));
}

function proofs(): VectorTest[] {
  const { leaves } = segment(5, []);
  const segmentRoots = [sha256("another root"), segmentRoot(leaves), sha256("a third root")];
  const root = itemsRoot(segmentRoots);
  const proof = proveItem(leaves, 4, segmentRoots, 1);
  const cases: readonly (readonly [string, typeof proof])[] = [
    ["proves the first of five items", proveItem(leaves, 0, segmentRoots, 1)],
    ["proves the last of five items", proof],
    ["refuses another leaf", { ...proof, leaf: leaves[0] as Digest }],
    ["refuses another place", { ...proof, item: { ...proof.item, index: 3 } }],
    ["refuses another size", { ...proof, item: { ...proof.item, size: 6 } }],
    ["refuses a place beyond the size", { ...proof, item: { ...proof.item, index: 5 } }],
    ["refuses a sibling too many", { ...proof, item: { ...proof.item, path: [...proof.item.path, root] } }],
    [
      "refuses a missing sibling",
      { ...proof, segment: { ...proof.segment, path: proof.segment.path.slice(1) } },
    ],
    ["refuses a sibling that is not a digest", { ...proof, item: { ...proof.item, path: ["sha256:00"] } }],
  ];
  return cases.map(([description, candidate]) => ({
    description,
    operation: "proof",
    proof: candidate,
    itemsRoot: root,
    valid: verifyItemProof(candidate, root),
  }));
}
