// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { RmtcError } from "@rmtc/contract";
import { errorFromSqlite } from "./sqlite-error.ts";

/** A value that can be bound to a statement. */
export type SqlInput = SQLInputValue;

/** One row of a result, its columns in the order of the statement. */
export type SqlRow = readonly SQLOutputValue[];

/** How a database file is opened. */
export interface DatabaseOptions {
  /** Absolute path of the file. */
  readonly path: string;
  /** How long a call waits for another process's lock. */
  readonly busyTimeoutMilliseconds: number;
}

/**
 * One connection to an SQLite file, with its statements prepared once.
 *
 * Rows are arrays, because `node:sqlite` makes them twice as fast as objects. Texts are much faster to read than
 * blobs (0.06 against 0.6 µs), so statements return `hex()` of short blobs.
 */
export class Database implements Disposable {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #writing = false;

  /**
   * @throws RMTC_NOT_FOUND when the file's folder does not exist.
   * @throws RMTC_ACCESS_DENIED when the file cannot be opened; RMTC_STORE_DAMAGED when it is no database.
   */
  constructor(options: DatabaseOptions) {
    this.path = options.path;
    checkPlace(options.path);
    try {
      this.#connection = new DatabaseSync(options.path, { timeout: options.busyTimeoutMilliseconds });
    } catch (error) {
      throw errorFromSqlite(error, options.path);
    }
  }

  /** Runs statements that return nothing. */
  execute(sql: string): void {
    try {
      this.#connection.exec(sql);
    } catch (error) {
      throw errorFromSqlite(error, this.path);
    }
  }

  /** Returns every row. The caller names the types of the columns. */
  all<Row extends SqlRow = SqlRow>(sql: string, ...parameters: readonly SqlInput[]): readonly Row[] {
    try {
      return this.#prepare(sql).all(...parameters) as unknown as readonly Row[];
    } catch (error) {
      throw errorFromSqlite(error, this.path);
    }
  }

  /** Returns the first row, or `undefined` when there is none. */
  get<Row extends SqlRow = SqlRow>(sql: string, ...parameters: readonly SqlInput[]): Row | undefined {
    try {
      return this.#prepare(sql).get(...parameters) as unknown as Row | undefined;
    } catch (error) {
      throw errorFromSqlite(error, this.path);
    }
  }

  /** Runs a statement and returns how many rows it changed. */
  run(sql: string, ...parameters: readonly SqlInput[]): number {
    try {
      return Number(this.#prepare(sql).run(...parameters).changes);
    } catch (error) {
      throw errorFromSqlite(error, this.path);
    }
  }

  /**
   * Runs `action` in a transaction that holds the write lock from its start, so that it never fails half-way
   * for another writer; whatever `action` throws undoes it.
   */
  write<Result>(action: () => Result): Result {
    this.execute("BEGIN IMMEDIATE");
    this.#writing = true;
    try {
      const result = action();
      this.execute("COMMIT");
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself; then there is nothing left to undo.
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      throw error;
    } finally {
      this.#writing = false;
    }
  }

  /** Whether a write transaction is running. */
  get writing(): boolean {
    return this.#writing;
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    if (this.#connection.isOpen) this.#connection.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.prepare(sql);
    statement.setReturnArrays(true);
    if (this.#statements.size >= maxStatements) this.#statements.clear();
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Queries can have many shapes; a cache without bound would be a leak. */
const maxStatements = 500;

/** SQLite has one message for everything that keeps it from opening a file; people need to know which it is. */
function checkPlace(path: string): void {
  const folder = dirname(path);
  if (isFolder(folder) !== true) {
    throw new RmtcError("RMTC_NOT_FOUND", `The folder ${folder} does not exist; create it first.`, {
      subject: folder,
    });
  }
  if (isFolder(path) === true) {
    throw new RmtcError("RMTC_OPTION_INVALID", `${path} is a folder; give the path of a file.`, {
      subject: path,
      pointer: "/path",
    });
  }
}

function isFolder(path: string): boolean | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return undefined;
    if (code !== "EACCES" && code !== "EPERM") throw error;
    throw new RmtcError("RMTC_ACCESS_DENIED", `This user may not look at ${path}; grant the permission.`, {
      subject: path,
      cause: error,
    });
  }
}
