// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Database, SqlInput } from "./database.ts";

/** Rows per statement: beyond that, binding costs more than calling. */
const rowsPerStatement = 32;

/** Inserts many rows of one table with few statements. */
export class BulkInsert {
  readonly #database: Database;
  readonly #table: string;
  readonly #row: string;
  #rows: (readonly SqlInput[])[] = [];

  /** `row` is the SQL of one row's values, for example `(?, unhex(?))`. */
  constructor(database: Database, table: string, row: string) {
    this.#database = database;
    this.#table = table;
    this.#row = row;
  }

  add(...row: readonly SqlInput[]): void {
    this.#rows.push(row);
  }

  /** Writes the rows, sorted by their first two columns so that neighbours land on the same page. */
  flush(): void {
    const rows = this.#rows.sort(byFirstTwo);
    this.#rows = [];
    let start = 0;
    while (start < rows.length) {
      const count = rows.length - start >= rowsPerStatement ? rowsPerStatement : 1;
      const sql = `INSERT INTO ${this.#table} VALUES ${Array(count).fill(this.#row).join()}`;
      this.#database.run(sql, ...rows.slice(start, start + count).flat());
      start += count;
    }
  }
}

function byFirstTwo(a: readonly SqlInput[], b: readonly SqlInput[]): number {
  return (a[0] as number) - (b[0] as number) || (a[1] as number) - (b[1] as number);
}
