// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Database } from "./database.ts";

/** A searchable text: a tag, a media type, a word of a name; an empty value says that the field exists. */
export interface Term {
  readonly field: string;
  readonly value: string;
}

/**
 * Gives every searchable text a code per kind, under which `posting` lists its records.
 *
 * An erasure drops terms that no record is left with; the epoch in `sequence` tells every process to forget the
 * codes it knows, which are never used again.
 */
export class TermDictionary {
  readonly #database: Database;
  readonly #codes = new Map<string, number>();
  #epoch = -1;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Begins a write transaction in the given epoch. */
  enter(epoch: number): void {
    if (epoch !== this.#epoch || this.#codes.size > maxCachedTerms) this.#codes.clear();
    this.#epoch = epoch;
  }

  /** Returns a term's code, adding it if need be; only inside a write transaction. */
  add({ field, value }: Term, kind: number): number {
    const name = `${kind} ${field} ${value}`;
    const known = this.#codes.get(name);
    if (known !== undefined) return known;
    const select = "SELECT code FROM term WHERE field = ? AND value = ? AND kind = ?";
    let row = this.#database.get<[number]>(select, field, value, kind);
    if (row === undefined) {
      this.#database.run("INSERT INTO term (field, value, kind) VALUES (?, ?, ?)", field, value, kind);
      row = this.#database.get<[number]>(select, field, value, kind) as [number];
    }
    this.#codes.set(name, row[0]);
    return row[0];
  }

  /** Forgets what was added in a transaction that was undone. */
  clear(): void {
    this.#codes.clear();
  }
}

/** About 30 MB of names and codes. */
const maxCachedTerms = 200_000;
