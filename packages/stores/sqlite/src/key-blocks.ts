// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Database } from "./database.ts";

/** Keys of one block. */
const blockKeys = 4_096;

/** Keys from the lowest to the highest that something can have; none where `high` is lower than `low`. */
export interface KeyRange {
  readonly low: number;
  readonly high: number;
}

/** What lies between two values; both belong to it. */
export interface Span {
  readonly low?: string | undefined;
  readonly high?: string | undefined;
}

/** Behind the key come the block's keys. Without records it has neither times nor ids. */
type BlockRow = readonly [
  key: number,
  earliest: string | null,
  latest: string | null,
  lowestId: string | null,
  highestId: string | null,
];

/**
 * Knows the times of creation and the ids, from the lowest to the highest, in each block of keys.
 *
 * Records mostly arrive in the order in which they were made. So what belongs to one show or one month has keys,
 * ids and times that lie together, and an order can be gone through from where they begin.
 */
export class KeyBlocks {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds the blocks that were filled while the feed went from one position to another. */
  fill(before: number, after: number): void {
    for (let block = Math.floor(before / blockKeys); block < Math.floor(after / blockKeys); block++) {
      const first = block * blockKeys;
      const [row] = this.#measure(first, first + blockKeys);
      this.#database.run(
        "INSERT INTO key_block VALUES (?, ?, ?, ?, ?)",
        ...(row ?? [first, null, null, null, null]),
      );
    }
  }

  /** Returns a range that has the keys of every record created in a span of time. */
  keysOf({ low, high }: Span): KeyRange {
    let range: KeyRange = { low: 1, high: 0 };
    for (const [key, earliest, latest] of this.#blocks()) {
      if (earliest === null || latest === null) continue;
      if ((low !== undefined && latest < low) || (high !== undefined && earliest > high)) continue;
      range = { low: range.high === 0 ? key + 1 : range.low, high: key + blockKeys };
    }
    return range;
  }

  /** Returns spans that have the time of creation and the id, in hexadecimal digits, of every record of a range. */
  spansOf({ low, high }: KeyRange): { readonly created: Span; readonly id: Span } {
    let created: Span = {};
    let id: Span = {};
    for (const [key, earliest, latest, lowestId, highestId] of this.#blocks()) {
      if (key >= high || key + blockKeys < low) continue;
      if (earliest === null || latest === null || lowestId === null || highestId === null) continue;
      created = join(created, earliest, latest);
      id = join(id, lowestId, highestId);
    }
    return { created, id };
  }

  /** Reads the filled blocks and measures the one that is not full yet. */
  #blocks(): readonly BlockRow[] {
    const filled = this.#database.all<BlockRow>("SELECT * FROM key_block ORDER BY key");
    const end = (filled.at(-1)?.[0] ?? -blockKeys) + blockKeys;
    return [...filled, ...this.#measure(end, end + blockKeys)];
  }

  #measure(after: number, last: number): readonly BlockRow[] {
    return this.#database.all<BlockRow>(
      `SELECT ?1, min(created), max(created), lower(hex(min(id))), lower(hex(max(id)))
       FROM record WHERE key > ?1 AND key <= ?2`,
      after,
      last,
    );
  }
}

function join({ low, high }: Span, lowest: string, highest: string): Span {
  return {
    low: low === undefined || lowest < low ? lowest : low,
    high: high === undefined || highest > high ? highest : high,
  };
}
