// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { RmtcError } from "@rmtc/contract";
import type { DatasetItem, Digest, Salt, SegmentReference } from "@rmtc/spec";
import { canonicalJson } from "./canonical-json.ts";
import { leafHash, MerkleRoot } from "./merkle-tree.ts";
import { newSalt } from "./salt.ts";
import { maxSegmentItems } from "./segment-line.ts";
import { digestFromBytes, digestToBytes } from "./sha256.ts";

/**
 * Builds a segment line by line: the caller writes the lines to a blob and keeps nothing else.
 *
 * @example
 * const builder = new SegmentBuilder();
 * for (const item of items) await write(builder.addItem(item));
 * const reference = builder.finish();
 */
export class SegmentBuilder {
  readonly #hasher = createHash("sha256");
  readonly #tree = new MerkleRoot();

  /** Lines so far, at most 65,536. */
  get count(): number {
    return this.#tree.size;
  }

  /**
   * Adds an item and returns its line, which ends in a line feed.
   *
   * @throws RMTC_JSON_INVALID when the item is not I-JSON.
   * @throws RMTC_LIMIT_EXCEEDED when the segment is full.
   */
  addItem(item: DatasetItem, salt: Salt = newSalt()): string {
    const json = canonicalJson(item, "/item");
    return this.#add(`{"item":${json},"salt":"${salt}"}`, leafHash(`["${salt}",${json}]`));
  }

  /** Adds the bare leaf that stays of an erased item, and returns its line, which ends in a line feed. */
  addLeaf(leaf: Digest): string {
    return this.#add(canonicalJson({ leaf }), digestToBytes(leaf));
  }

  /**
   * Returns what a dataset says of the segment.
   *
   * @throws RMTC_VALUE_INVALID when the segment has no line.
   */
  finish(): SegmentReference {
    if (this.count === 0)
      throw new RmtcError("RMTC_VALUE_INVALID", "A dataset segment needs at least one item.");
    return {
      digest: `sha256:${this.#hasher.copy().digest("hex")}`,
      count: this.count,
      root: digestFromBytes(this.#tree.root()),
    };
  }

  #add(line: string, leaf: Buffer): string {
    if (this.count === maxSegmentItems) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `A dataset segment holds ${maxSegmentItems} items; start another.`,
      );
    }
    const text = `${line}\n`;
    this.#hasher.update(text);
    this.#tree.append(leaf);
    return text;
  }
}
