// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CallOptions, RmtcError } from "@rmtc/contract";
import type { Database, Query } from "./database.ts";

/** The record tables of one database: its change feed's cursors and the names of relations. */
export class Catalog {
  readonly database: Database;
  readonly #store: string;
  readonly #relations = new Map<number, string>();

  private constructor(database: Database, store: string) {
    this.database = database;
    this.#store = store;
  }

  static async open(database: Database, options: CallOptions | undefined): Promise<Catalog> {
    const rows = await database.read(options, (query) => query<[string]>("SELECT store FROM head"));
    return new Catalog(database, rows[0]?.[0] ?? "");
  }

  /** Returns the newest position of the change feed. */
  async head(query: Query): Promise<number> {
    return (await query<[number]>("SELECT position FROM head"))[0]?.[0] ?? 0;
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
  position(cursor: string, head: number): number {
    const [store, digits = ""] = String(cursor).split("-", 2);
    const position = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
    if (store === this.#store && cursor === this.cursor(position) && position <= head) return position;
    throw new RmtcError(
      "RMTC_CURSOR_INVALID",
      "The change cursor is not from this store; start again without a cursor.",
      { pointer: "/cursor" },
    );
  }

  /** Looks up codes of relations; names that no record has are left out. */
  async relationCodes(query: Query, names: Iterable<string>): Promise<ReadonlyMap<string, number>> {
    const rows = await query<[string, number]>("SELECT name, code FROM relation WHERE name = ANY($1)", [
      [...names],
    ]);
    return new Map(rows);
  }

  /** Gives codes to the relations that have none; only in a transaction that holds the head. */
  async addRelations(query: Query, names: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    const known = await this.relationCodes(query, names);
    if (known.size === names.size) return known;
    await query("INSERT INTO relation (name) SELECT unnest($1::text[])", [
      [...names].filter((name) => !known.has(name)),
    ]);
    return await this.relationCodes(query, names);
  }

  /** Looks up names of relations by their codes, which never change. */
  async relationNames(query: Query, codes: Iterable<number>): Promise<ReadonlyMap<number, string>> {
    if ([...codes].some((code) => !this.#relations.has(code))) {
      for (const [code, name] of await query<[number, string]>("SELECT code, name FROM relation")) {
        this.#relations.set(code, name);
      }
    }
    return this.#relations;
  }
}
