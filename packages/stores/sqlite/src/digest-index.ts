// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest } from "@rmtc/spec";
import { BulkInsert } from "./bulk-insert.ts";
import type { Database } from "./database.ts";
import type { SqlFragment } from "./filter-plan.ts";
import { digestHead } from "./identity.ts";

/** Looking through that many rows takes a millisecond. */
const mergedAfter = 16_384;

/**
 * Finds records by their digests and by those of their files.
 *
 * Digests are random, so that each new one would touch another page of an index: five times the bytes of what is
 * stored. They are appended to `digest_tail` instead, which is sorted into `digest_head` every now and then and
 * looked through until then.
 */
export class DigestIndex {
  readonly #database: Database;
  readonly #rows: BulkInsert;

  constructor(database: Database) {
    this.#database = database;
    this.#rows = new BulkInsert(database, "digest_tail", "(?, ?)");
  }

  add(digest: Digest, key: number): void {
    this.#rows.add(key, digestHead(digest));
  }

  /** Writes what was added. */
  flush(): void {
    this.#rows.flush();
    const [rows] = this.#database.get<[number | null]>("SELECT max(rowid) FROM digest_tail") ?? [null];
    if (rows === null || rows < mergedAfter) return;
    this.#database.run(
      "INSERT OR IGNORE INTO digest_head SELECT head, key FROM digest_tail ORDER BY head, key",
    );
    this.#database.run("DELETE FROM digest_tail");
  }

  remove(digest: Digest, key: number): void {
    for (const table of ["digest_head", "digest_tail"]) {
      this.#database.run(`DELETE FROM ${table} WHERE head = ? AND key = ?`, digestHead(digest), key);
    }
  }
}

/** Selects the keys of records that have one of the digests, or a file that has, and perhaps of a few others. */
export function keysOfDigests(digests: readonly Digest[]): SqlFragment {
  const heads = JSON.stringify(digests.map(digestHead));
  const select = (table: string): string =>
    `SELECT key FROM ${table} WHERE head IN (SELECT value FROM json_each(?))`;
  return {
    sql: `${select("digest_head")} UNION ALL ${select("digest_tail")}`,
    parameters: [heads, heads],
  };
}
