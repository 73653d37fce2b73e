// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { OrderPlace } from "@rmtc/query";
import type { Catalog } from "./catalog.ts";
import type { SqlInput, SqlRow } from "./database.ts";
import type { SqlFragment, ValueRange } from "./filter-plan.ts";

/** Records in the order of one index: those of one kind, or all. */
export interface StreamShape {
  readonly kind?: number | undefined;
  /** The column that they are ordered by, then by id; by id alone unless given. */
  readonly column?: string | undefined;
  readonly descending?: boolean | undefined;
  /** Bounds of the column's values. */
  readonly range?: ValueRange | undefined;
  /** A further condition on the rows of the index, such as that a column is missing. */
  readonly extra?: string | undefined;
  /** The value that every record of the stream has in the order of results. */
  readonly constant?: string | undefined;
}

/** A record that a stream came to; `id` of its place is in hexadecimal digits. */
export interface StreamRow {
  readonly key: number;
  readonly place: OrderPlace;
}

/** Above the id of every record, so that a place with it comes after every record of its value. */
const highestId = "ff".repeat(17);
const firstWindow = 64;
const largestWindow = 2_048;

/**
 * Reads an index in windows and keeps the rows that pass a condition.
 *
 * Results are ordered by value in either direction, but always by ascending id among equal values, which no
 * single index scan gives when descending: there it reads a window downwards, turns each run of equal values
 * round, and reads a run that the window cut off again from its beginning.
 */
export class OrderStream {
  readonly #catalog: Catalog;
  readonly #shape: StreamShape;
  readonly #condition: SqlFragment;
  #window = firstWindow;
  /** Rows that passed and were not taken. */
  #rows: StreamRow[] = [];
  /** Nothing that comes later has a lower place. */
  #bound: OrderPlace | undefined;
  /** Whether a descending scan is inside the run of `bound`'s value; otherwise it is below it. */
  #insideRun = false;
  #ended = false;
  scanned = 0;

  constructor(catalog: Catalog, shape: StreamShape, condition: SqlFragment, after: OrderPlace | undefined) {
    this.#catalog = catalog;
    this.#shape = shape;
    this.#condition = condition;
    this.#bound = after;
    this.#insideRun = after !== undefined;
    const { range, descending } = shape;
    if (descending !== true && range?.low !== undefined && !isAbove(after, range.low)) {
      this.#bound = { key: range.low as string, id: range.lowExcluded === true ? highestId : "" };
    }
  }

  /** The place of the first row that was not taken, or one that it cannot be before; `undefined` if unknown. */
  get place(): OrderPlace | undefined {
    return this.#rows[0]?.place ?? this.#bound;
  }

  /** Whether the next row is there to be taken. */
  get ready(): boolean {
    return this.#rows.length > 0;
  }

  get ended(): boolean {
    return this.#ended && this.#rows.length === 0;
  }

  take(): StreamRow | undefined {
    return this.#rows.shift();
  }

  /** Reads one more window. */
  advance(): void {
    const { column, descending } = this.#shape;
    if (column === undefined || descending !== true) this.#readUpwards();
    else if (this.#insideRun) this.#readRun();
    else this.#readDownwards();
    this.#window = Math.min(this.#window * 2, largestWindow);
  }

  #readUpwards(): void {
    const { column } = this.#shape;
    const bound = this.#bound;
    const order = column === undefined ? "id" : `${column}, id`;
    const [condition, parameters]: [string, SqlInput[]] =
      bound === undefined
        ? ["", []]
        : column === undefined
          ? [" AND id > unhex(?)", [bound.id]]
          : [` AND (${column}, id) > (?, unhex(?))`, [bound.key ?? null, bound.id]];
    const rows = this.#read(condition, parameters, order);
    if (rows.length < this.#window) this.#ended = true;
    this.#keep(rows);
  }

  #readRun(): void {
    const { key, id } = this.#bound as OrderPlace;
    const rows = this.#read(` AND ${this.#shape.column} = ? AND id > unhex(?)`, [key ?? null, id], "id");
    this.#insideRun = rows.length === this.#window;
    this.#keep(rows);
  }

  #readDownwards(): void {
    const { column } = this.#shape;
    const key = this.#bound?.key;
    const [condition, parameters]: [string, SqlInput[]] =
      key === undefined ? ["", []] : [` AND ${column} < ?`, [key]];
    const rows = this.#read(condition, parameters, `${column} DESC, id DESC`);
    const last = rows.at(-1);
    if (rows.length < this.#window || last === undefined) {
      this.#ended = true;
      this.#keep(turnRuns(rows));
      return;
    }
    this.#keep(turnRuns(rows.filter((row) => row[1] !== last[1])));
    this.#bound = { key: last[1] as string | number, id: "" };
    this.#insideRun = true;
  }

  /** Rows of `[key, value, id, passes]`. */
  #read(condition: string, parameters: readonly SqlInput[], order: string): readonly SqlRow[] {
    const { kind, column, range, extra } = this.#shape;
    const conditions = [kind === undefined ? "TRUE" : "kind = ?"];
    const bounds: SqlInput[] = kind === undefined ? [] : [kind];
    if (column !== undefined) conditions.push(`${column} IS NOT NULL`);
    if (extra !== undefined) conditions.push(extra);
    const limits: SqlInput[] = [];
    let limit = "";
    const far = this.#shape.descending === true ? range?.low : range?.high;
    const near = this.#shape.descending === true ? range?.high : undefined;
    if (far !== undefined) {
      const excluded = this.#shape.descending === true ? range?.lowExcluded : range?.highExcluded;
      const operator = (this.#shape.descending === true ? ">" : "<") + (excluded === true ? "" : "=");
      limit += ` AND ${column} ${operator} ?`;
      limits.push(far);
    }
    if (near !== undefined && this.#bound === undefined) {
      limit += ` AND ${column} <${range?.highExcluded === true ? "" : "="} ?`;
      limits.push(near);
    }
    const inner = `SELECT key, ${column ?? "NULL"} AS value, id FROM record
      WHERE ${conditions.join(" AND ")}${condition}${limit} ORDER BY ${order} LIMIT ?`;
    const passes = this.#condition.sql;
    const sql =
      passes === ""
        ? `SELECT key, value, lower(hex(id)), 1 FROM (${inner})`
        : `SELECT w.key, w.value, lower(hex(w.id)), ${passes} FROM (${inner}) w CROSS JOIN record r ON r.key = w.key`;
    // The condition stands before the window in the text, so its parameters come first.
    const rows = this.#catalog.database.all(
      sql,
      ...this.#condition.parameters,
      ...bounds,
      ...parameters,
      ...limits,
      this.#window,
    );
    this.scanned += rows.length;
    return rows;
  }

  #keep(rows: readonly SqlRow[]): void {
    const { constant } = this.#shape;
    const placeOf = (row: SqlRow): OrderPlace => {
      const key = constant ?? (row[1] as string | number | null);
      return key === null ? { id: row[2] as string } : { id: row[2] as string, key };
    };
    for (const row of rows) if (row[3] === 1) this.#rows.push({ key: row[0] as number, place: placeOf(row) });
    const last = rows.at(-1);
    if (last !== undefined) this.#bound = placeOf(last);
  }
}

/** Turns each run of equal values round. */
function turnRuns(rows: readonly SqlRow[]): readonly SqlRow[] {
  const turned: SqlRow[] = [];
  for (let start = 0; start < rows.length; ) {
    let end = start + 1;
    while (end < rows.length && rows[end]?.[1] === rows[start]?.[1]) end += 1;
    for (let index = end - 1; index >= start; index--) turned.push(rows[index] as SqlRow);
    start = end;
  }
  return turned;
}

function isAbove(place: OrderPlace | undefined, low: SqlInput): boolean {
  return place?.key !== undefined && place.key >= (low as string | number);
}
