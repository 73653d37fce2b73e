// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Database } from "./database.ts";

/** The tables that give short texts a code. */
export type DictionaryTable = "kind" | "relation" | "partition";

/** Short texts that repeat in every row, by small numbers. Codes are never reused and rows never go. */
export class Dictionary {
  readonly #database: Database;
  readonly #table: DictionaryTable;
  readonly #codes = new Map<string, number>();
  readonly #names = new Map<number, string>();

  constructor(database: Database, table: DictionaryTable) {
    this.#database = database;
    this.#table = table;
  }

  /** Returns the code of a text, or `undefined` when nothing was ever stored with it. */
  find(name: string): number | undefined {
    return this.#codes.get(name) ?? this.#read("name", name);
  }

  /** Returns the code of a text, adding it if need be; only inside a write transaction. */
  add(name: string): number {
    const known = this.find(name);
    if (known !== undefined) return known;
    this.#database.run(`INSERT INTO ${this.#table} (name) VALUES (?)`, name);
    return this.#read("name", name) as number;
  }

  /** Returns the text of a code that a row holds. */
  name(code: number): string {
    const known = this.#names.get(code);
    if (known !== undefined) return known;
    this.#read("code", code);
    return this.#names.get(code) ?? "";
  }

  /** Lists every code and text there is. */
  entries(): readonly (readonly [code: number, name: string])[] {
    return this.#database.all<[number, string]>(`SELECT code, name FROM ${this.#table}`);
  }

  /** Forgets what was added in a transaction that was undone. */
  clear(): void {
    this.#codes.clear();
    this.#names.clear();
  }

  #read(column: "name" | "code", value: string | number): number | undefined {
    const row = this.#database.get<[number, string]>(
      `SELECT code, name FROM ${this.#table} WHERE ${column} = ?`,
      value,
    );
    if (row === undefined) return undefined;
    this.#codes.set(row[1], row[0]);
    this.#names.set(row[0], row[1]);
    return row[0];
  }
}
