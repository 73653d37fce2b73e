// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { errorFromSqlite, isUnreadable } from "./sqlite-error.ts";
import { takeTurn, whenFree } from "./turns.ts";

const schemaVersion = 1;

/**
 * `entry` holds the files that are in the index, in the order in which they came in; `span` which positions of the
 * index came from which entry; `extra` entries that name a record which another entry brought; `vector` the version
 * vector, a row for each writer; `shard` how many files of each folder are in; `run_write` how often this
 * machine wrote about a run.
 */
const tables = `
CREATE TABLE setting (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE entry (
  seq INTEGER PRIMARY KEY, writer TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, essence TEXT NOT NULL,
  received TEXT NOT NULL, UNIQUE (writer, number, name)
);
CREATE TABLE span (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, entry INTEGER NOT NULL, received TEXT NOT NULL);
CREATE TABLE extra (id TEXT, entry INTEGER, PRIMARY KEY (id, entry)) WITHOUT ROWID;
CREATE TABLE erasure (id TEXT PRIMARY KEY, parts TEXT NOT NULL, received TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE loser (id TEXT, digest TEXT, PRIMARY KEY (id, digest)) WITHOUT ROWID;
CREATE TABLE vector (writer TEXT PRIMARY KEY, known TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE shard (writer TEXT, shard TEXT, files INTEGER NOT NULL, PRIMARY KEY (writer, shard)) WITHOUT ROWID;
CREATE TABLE run_write (run TEXT PRIMARY KEY, writes INTEGER NOT NULL) WITHOUT ROWID;
`;

/** What is kept once for a machine and a folder. */
export interface Settings {
  /** The identity of the folder that this is about. */
  readonly store: string;
  /** Under which id this machine writes. */
  readonly writer: string;
  /** The number of this machine's next entry of records. */
  readonly next: number;
  /** Counts the indexes that were made so far; the number of the one in use. */
  readonly generation: number;
  /** The newest position of the index that is accounted for. */
  readonly last: number;
  /** How many runs this machine has opened. */
  readonly opened: number;
}

/**
 * `journal.db`: what this machine knows of a folder, its id as a writer, and the lock by which its processes take
 * turns. It can be deleted at any time; the machine then comes back as a new writer.
 */
export class MachineJournal implements Disposable {
  readonly #path: string;
  readonly #folder: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(folder: string, path: string, connection: DatabaseSync) {
    this.#folder = folder;
    this.#path = path;
    this.#connection = connection;
  }

  /**
   * Opens the database in an index folder, and makes it anew when it is damaged or of another version.
   *
   * @throws RMTC_ACCESS_DENIED when this user may not write there; RMTC_STORE_BUSY, RMTC_STORE_FULL.
   */
  static async open(folder: string, store: string): Promise<MachineJournal> {
    const path = join(folder, "journal.db");
    for (let attempt = 1; ; attempt++) {
      const journal = await MachineJournal.#try(folder, path, store).catch((error: unknown) => {
        if (attempt === 1 && isUnreadable(error)) return undefined;
        throw errorFromSqlite(error, path);
      });
      if (journal !== undefined) return journal;
      for (const end of ["", "-wal", "-shm"]) await rm(path + end, { force: true });
    }
  }

  /** Returns `undefined` when the file is of another version. */
  static async #try(folder: string, path: string, store: string): Promise<MachineJournal | undefined> {
    const connection = new DatabaseSync(path, { timeout: 0 });
    try {
      const journal = new MachineJournal(folder, path, connection);
      await whenFree(path, () => connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"));
      const known = await journal.turn(async () => {
        const version = journal.#version();
        if (version === 0) {
          connection.exec(`${tables} PRAGMA user_version = ${schemaVersion};`);
          journal.set({ store, writer: newWriter(), next: 0, generation: 0, last: 0, opened: 0 });
        }
        return version === 0 || version === schemaVersion;
      });
      if (known) {
        journal.settings();
        return journal;
      }
    } catch (error) {
      if (connection.isOpen) connection.close();
      throw error;
    }
    connection.close();
    return undefined;
  }

  /** Runs `action` while no other process or call of this machine does, and keeps what it changes, or nothing of it. */
  async turn<Result>(action: () => Promise<Result>, signal?: AbortSignal | undefined): Promise<Result> {
    const leave = await takeTurn(this.#folder, () => this.#connection.exec("BEGIN IMMEDIATE"), signal);
    try {
      const result = await action();
      this.#connection.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#connection.isOpen && this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      throw errorFromSqlite(error, this.#path);
    } finally {
      leave();
    }
  }

  settings(): Settings {
    const rows = this.all<{ name: string; value: unknown }>("SELECT name, value FROM setting");
    return Object.fromEntries(rows.map(({ name, value }) => [name, value])) as unknown as Settings;
  }

  set(settings: Partial<Settings>): void {
    for (const [name, value] of Object.entries(settings)) {
      this.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value);
    }
  }

  /** Changes whenever another connection has changed something. */
  get dataVersion(): number {
    return this.get<{ data_version: number }>("PRAGMA data_version")?.data_version ?? 0;
  }

  all<Row>(sql: string, ...parameters: readonly SQLInputValue[]): readonly Row[] {
    return this.#prepare(sql).all(...parameters) as unknown as readonly Row[];
  }

  get<Row>(sql: string, ...parameters: readonly SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...parameters) as unknown as Row | undefined;
  }

  run(sql: string, ...parameters: readonly SQLInputValue[]): void {
    this.#prepare(sql).run(...parameters);
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    if (this.#connection.isOpen) this.#connection.close();
  }

  #version(): number {
    return this.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** An id that no other writer has. */
export function newWriter(): string {
  return randomBytes(8).toString("hex");
}
