// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Database } from "./database.ts";
import { Dictionary } from "./dictionary.ts";
import { KeyBlocks } from "./key-blocks.ts";
import { TermDictionary } from "./term-dictionary.ts";

/** The record tables of one open file: its dictionaries, its change feed and its write transactions. */
export class Catalog {
  readonly database: Database;
  readonly kinds: Dictionary;
  readonly relations: Dictionary;
  readonly partitions: Dictionary;
  readonly terms: TermDictionary;
  readonly keyBlocks: KeyBlocks;
  readonly #store: string;
  #position = 0;
  #absent = 0;
  #epoch = 0;

  constructor(database: Database) {
    this.database = database;
    this.kinds = new Dictionary(database, "kind");
    this.relations = new Dictionary(database, "relation");
    this.partitions = new Dictionary(database, "partition");
    this.terms = new TermDictionary(database);
    this.keyBlocks = new KeyBlocks(database);
    this.#store = String(database.get("SELECT store FROM sequence")?.[0]);
  }

  /** Returns the newest position of the change feed. */
  head(): number {
    return this.database.get<[number]>("SELECT position FROM sequence")?.[0] ?? 0;
  }

  /** Writes a position as a cursor, which also names the store. */
  cursor(position: number): string {
    return `${this.#store}-${position}`;
  }

  /**
   * Reads a cursor.
   *
   * @throws RMTC_CURSOR_INVALID when it is not one of this store.
   */
  position(cursor: string): number {
    const [store, digits = ""] = String(cursor).split("-", 2);
    const position = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
    if (store === this.#store && cursor === this.cursor(position) && position <= this.head()) return position;
    throw new RmtcError(
      "RMTC_CURSOR_INVALID",
      "The change cursor is not from this store; start again without a cursor.",
      { pointer: "/cursor" },
    );
  }

  /** Runs a write transaction. Positions come in the order of commits, because it holds the write lock. */
  write<Result>(action: () => Result): Result {
    try {
      return this.database.write(() => {
        [this.#position, this.#absent, this.#epoch] = this.database.get<[number, number, number]>(
          "SELECT position, absent, epoch FROM sequence",
        ) as [number, number, number];
        const start = this.#position;
        const before = `${start} ${this.#absent} ${this.#epoch}`;
        this.terms.enter(this.#epoch);
        const result = action();
        this.keyBlocks.fill(start, this.#position);
        if (before !== `${this.#position} ${this.#absent} ${this.#epoch}`) {
          this.database.run(
            "UPDATE sequence SET position = ?, absent = ?, epoch = ?",
            this.#position,
            this.#absent,
            this.#epoch,
          );
        }
        return result;
      });
    } catch (error) {
      for (const dictionary of [this.kinds, this.relations, this.partitions, this.terms]) dictionary.clear();
      throw error;
    }
  }

  /** Takes the next position of the change feed; only inside a write transaction. */
  nextPosition(): number {
    this.#position += 1;
    return this.#position;
  }

  /** The position that the running write transaction has reached. */
  get writtenPosition(): number {
    return this.#position;
  }

  /** Takes the next key for a link's target that is not held. */
  nextAbsentKey(): number {
    this.#absent -= 1;
    return this.#absent;
  }

  /** Makes every process forget the codes of terms; only inside a write transaction. */
  startEpoch(): void {
    this.#epoch += 1;
  }
}
