// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { OrderPlace } from "@rmtc/query";
import type { Catalog } from "./catalog.ts";
import type { SqlInput } from "./database.ts";
import { boundsOf, type SqlFragment, type ValueRange } from "./filter-plan.ts";
import type { FindLimits } from "./find-limits.ts";
import type { KeyRange, Span } from "./key-blocks.ts";

/** Records in the order of one index: those of one kind, or all. */
export interface StreamShape {
  /** The index of `record` that has them in this order. */
  readonly index: string;
  readonly kind?: number | undefined;
  /** The column that they are ordered by, then by id; by id alone unless given. */
  readonly column?: string | undefined;
  readonly descending?: boolean | undefined;
  /** Bounds of the column's values. */
  readonly range?: ValueRange | undefined;
  /** Bounds of the ids, in hexadecimal digits, of a stream that is ordered by id alone. */
  readonly ids?: Span | undefined;
  /** Bounds of the keys, which the index has, so that others are passed over without a look at their records. */
  readonly keys?: KeyRange | undefined;
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

type Row = readonly [key: number, value: string | number | null, id: string];

/** Above the id of every record, so that a place with it comes after every record of its value. */
const highestId = "ff".repeat(17);
/**
 * Reads an index in windows: where a window ends is found in the index alone, and then the rows in it that pass
 * a condition are read.
 *
 * Results are ordered by value in either direction, but always by ascending id among equal values, which no
 * single index scan gives when descending. There a window takes the values that lie in it whole; the value at
 * its end, of which there may be any number of records, is gone through upwards by id, before values below it.
 */
export class OrderStream {
  readonly #catalog: Catalog;
  readonly #shape: StreamShape;
  readonly #condition: SqlFragment;
  /** What every row of the stream fulfils. */
  readonly #base: SqlFragment;
  #window: number;
  readonly #largestWindow: number;
  /** Rows that passed and were not taken, and how many of them were. */
  #rows: readonly StreamRow[] = [];
  #taken = 0;
  /** Nothing that comes later has a lower place. */
  #bound: OrderPlace | undefined;
  /** Whether a descending scan is inside the run of `bound`'s value; otherwise it is below it. */
  #insideRun = false;
  #ended = false;

  constructor(
    catalog: Catalog,
    shape: StreamShape,
    condition: SqlFragment,
    after: OrderPlace | undefined,
    limits: FindLimits,
  ) {
    this.#window = limits.firstWindow;
    this.#largestWindow = limits.largestWindow;
    this.#catalog = catalog;
    this.#shape = shape;
    this.#condition = condition;
    this.#base = baseOf(shape);
    this.#bound = after;
    this.#insideRun = after !== undefined;
    const { range, descending, ids } = shape;
    if (shape.column === undefined && ids?.low !== undefined && (after?.id ?? "") < ids.low) {
      // Without its last byte it comes just before itself.
      this.#bound = { ...after, id: ids.low.slice(0, -2) };
    }
    if (after === undefined && descending !== true && range?.low !== undefined) {
      this.#bound = { key: range.low as string, id: range.lowExcluded === true ? highestId : "" };
    }
  }

  /** The place of the first row that was not taken, or one that it cannot be before; `undefined` if unknown. */
  get place(): OrderPlace | undefined {
    return this.#rows[this.#taken]?.place ?? this.#bound;
  }

  /** Whether the next row is there to be taken. */
  get ready(): boolean {
    return this.#taken < this.#rows.length;
  }

  get ended(): boolean {
    return this.#ended && !this.ready;
  }

  take(): StreamRow | undefined {
    const row = this.#rows[this.#taken];
    this.#taken += 1;
    return row;
  }

  /** Reads one more window. */
  advance(): void {
    const { column, descending } = this.#shape;
    if (column === undefined) this.#readById();
    else if (descending !== true) this.#readUpwards(column);
    else if (this.#insideRun) this.#readRun(column);
    else this.#readDownwards(column);
    this.#window = Math.min(this.#window * 2, this.#largestWindow);
  }

  #readById(): void {
    const after = fragment(this.#bound && " AND r.id > unhex(?)", this.#bound?.id);
    const last = this.#shape.ids?.high;
    const toLast = fragment(last && " AND r.id <= unhex(?)", last);
    const within = { sql: after.sql + toLast.sql, parameters: [...after.parameters, ...toLast.parameters] };
    const end = this.#findEnd(within, "r.id");
    const until = end === undefined ? toLast : fragment(" AND r.id <= unhex(?)", end[2]);
    this.#keep(after, until, "r.id");
    this.#moveTo(end && { id: end[2] });
  }

  #readUpwards(column: string): void {
    const place = `(r.${column}, r.id)`;
    const bound = this.#bound;
    const after = fragment(bound && ` AND ${place} > (?, unhex(?))`, bound?.key, bound?.id);
    const order = `r.${column}, r.id`;
    const end = this.#findEnd(this.#inRange(after), order);
    // Where a window ends its end is the only bound: given another, SQLite may choose that one for its search.
    const until = fragment(end && ` AND ${place} <= (?, unhex(?))`, end?.[1], end?.[2]);
    this.#keep(end === undefined ? this.#inRange(after) : after, until, order);
    this.#moveTo(end && { key: end[1] as string, id: end[2] });
  }

  #readDownwards(column: string): void {
    const value = `r.${column}`;
    const bound = this.#bound;
    const { high, highExcluded } = this.#shape.range ?? {};
    const below =
      bound === undefined
        ? fragment(
            high === undefined ? undefined : ` AND ${value} <${highExcluded === true ? "" : "="} ?`,
            high,
          )
        : fragment(` AND ${value} < ?`, bound.key);
    const end = this.#findEnd(this.#inRange(below), `${value} DESC, r.id DESC`);
    const until = fragment(end && ` AND ${value} > ?`, end?.[1]);
    this.#keep(end === undefined ? this.#inRange(below) : below, until, `${value} DESC, r.id`);
    this.#moveTo(end && { key: end[1] as string, id: "" });
    this.#insideRun = true;
  }

  #readRun(column: string): void {
    const { key, id } = this.#bound as OrderPlace;
    const after = fragment(` AND r.${column} = ? AND r.id > unhex(?)`, key, id);
    const end = this.#findEnd(after, "r.id");
    this.#keep(after, fragment(end && " AND r.id <= unhex(?)", end?.[2]), "r.id");
    if (end === undefined) this.#insideRun = false;
    else this.#bound = { key, id: end[2] };
  }

  /** Adds the bound that the stream runs towards. */
  #inRange(after: SqlFragment): SqlFragment {
    const { column, descending, range } = this.#shape;
    const towards: ValueRange =
      descending === true
        ? { low: range?.low, lowExcluded: range?.lowExcluded }
        : { high: range?.high, highExcluded: range?.highExcluded };
    const bounds = boundsOf(`r.${column}`, towards);
    if (bounds.sql === "") return after;
    return { sql: `${after.sql} AND ${bounds.sql}`, parameters: [...after.parameters, ...bounds.parameters] };
  }

  /** Finds the last row of the window, or `undefined` when the rest is smaller than a window. */
  #findEnd(after: SqlFragment, order: string): Row | undefined {
    const { column, index } = this.#shape;
    return this.#catalog.database.get<Row>(
      `SELECT 0, ${column === undefined ? "NULL" : `r.${column}`}, lower(hex(r.id))
       FROM record r INDEXED BY ${index} WHERE ${this.#base.sql}${after.sql} ORDER BY ${order} LIMIT 1 OFFSET ?`,
      ...this.#base.parameters,
      ...after.parameters,
      this.#window - 1,
    );
  }

  /** Reads the rows of a window that pass. */
  #keep(after: SqlFragment, until: SqlFragment, order: string): void {
    const { column, index, constant } = this.#shape;
    const { keys } = this.#shape;
    const within = fragment(keys && " AND r.key BETWEEN ? AND ?", keys?.low, keys?.high);
    const condition = this.#condition.sql === "" ? "" : ` AND ${this.#condition.sql}`;
    const rows = this.#catalog.database.all<Row>(
      `SELECT r.key, ${column === undefined ? "NULL" : `r.${column}`}, lower(hex(r.id))
       FROM record r INDEXED BY ${index}
       WHERE ${this.#base.sql}${after.sql}${until.sql}${within.sql}${condition} ORDER BY ${order}`,
      ...this.#base.parameters,
      ...after.parameters,
      ...until.parameters,
      ...within.parameters,
      ...this.#condition.parameters,
    );
    this.#taken = 0;
    this.#rows = rows.map(([key, value, id]) => {
      const placeKey = constant ?? value;
      return { key, place: placeKey === null ? { id } : { id, key: placeKey } };
    });
  }

  #moveTo(end: OrderPlace | undefined): void {
    const { constant } = this.#shape;
    if (end === undefined) this.#ended = true;
    else this.#bound = constant === undefined ? end : { ...end, key: constant };
  }
}

function fragment(sql: string | undefined, ...parameters: readonly (SqlInput | undefined)[]): SqlFragment {
  return sql === undefined
    ? { sql: "", parameters: [] }
    : { sql, parameters: parameters.map((one) => one ?? null) };
}

function baseOf({ kind, column, extra }: StreamShape): SqlFragment {
  const conditions: string[] = [];
  // Written out, because an index of one kind alone can be used only where the statement names it.
  if (kind !== undefined) conditions.push(`r.kind = ${kind}`);
  if (column !== undefined) conditions.push(`r.${column} IS NOT NULL`);
  if (extra !== undefined) conditions.push(`r.${extra}`);
  return { sql: conditions.length === 0 ? "TRUE" : conditions.join(" AND "), parameters: [] };
}
