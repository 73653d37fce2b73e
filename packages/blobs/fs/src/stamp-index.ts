// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { RmtcError, type RmtcErrorCode } from "@rmtc/contract";
import type { FileStamp } from "./file-stamp.ts";

const BUSY_TIMEOUT_MS = 10_000;
/** Result codes of SQLite that mean a damaged file: SQLITE_CORRUPT and SQLITE_NOTADB (sqlite3.h). */
const DAMAGED = new Set([11, 26]);

/**
 * Remembers the digests of files by their stamps, so that an unchanged file is not hashed again.
 *
 * It is a mere memory: one database for each host, made anew when it is damaged. Several threads and
 * processes may have it open.
 */
export class StampIndex implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #remember: StatementSync;

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
    this.#find = database.prepare(
      "SELECT digest FROM stamp WHERE device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?",
    );
    this.#remember = database.prepare("INSERT OR REPLACE INTO stamp VALUES (?, ?, ?, ?, ?, ?)");
  }

  static open(folder: string): StampIndex {
    const path = join(folder, "index", `${hostname().replaceAll(/[^\w.-]/g, "_")}.db`);
    mkdirSync(join(folder, "index"), { recursive: true });
    try {
      return new StampIndex(path, openDatabase(path));
    } catch (error) {
      if (!DAMAGED.has(resultCode(error))) throw translate(error, path);
      for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
      return new StampIndex(path, openDatabase(path));
    }
  }

  /** Returns the 64 hexadecimal digits of the file's SHA-256, if it was hashed since its last change. */
  find(stamp: FileStamp): string | undefined {
    const row = this.#run(() => this.#find.get(...keyOf(stamp)));
    return row?.digest instanceof Uint8Array ? Buffer.from(row.digest).toString("hex") : undefined;
  }

  /** Remembers files, in one transaction. */
  remember(files: Iterable<readonly [FileStamp, string]>): void {
    this.#run(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        for (const [stamp, hex] of files) this.#remember.run(...keyOf(stamp), Buffer.from(hex, "hex"));
        this.#database.exec("COMMIT");
      } finally {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      }
    });
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #run<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw translate(error, this.#path);
    }
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS stamp (
        device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL,
        modified INTEGER NOT NULL, changed INTEGER NOT NULL, digest BLOB NOT NULL,
        PRIMARY KEY (device, inode)
      ) WITHOUT ROWID`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Device and inode are unsigned 64-bit numbers; SQLite's are signed. */
function keyOf(stamp: FileStamp): [bigint, bigint, number, bigint, bigint] {
  return [
    BigInt.asIntN(64, stamp.device),
    BigInt.asIntN(64, stamp.inode),
    stamp.sizeBytes,
    stamp.modifiedNs,
    stamp.changedNs,
  ];
}

/** Result codes of SQLite (sqlite3.h), and what we call them. */
const MEANINGS: ReadonlyMap<number, readonly [RmtcErrorCode, string]> = new Map([
  [5, ["RMTC_STORE_BUSY", "was locked by another process for too long; try again"]],
  [8, ["RMTC_ACCESS_DENIED", "cannot be written; grant this user the permission to it"]],
  [11, ["RMTC_STORE_DAMAGED", "is damaged; delete it, which loses nothing but time"]],
  [13, ["RMTC_STORE_FULL", "finds no space left; free some and repeat the call"]],
  [14, ["RMTC_ACCESS_DENIED", "cannot be opened; grant this user the permission to it"]],
  [26, ["RMTC_STORE_DAMAGED", "is damaged; delete it, which loses nothing but time"]],
]);

function translate(error: unknown, path: string): unknown {
  const meaning = MEANINGS.get(resultCode(error));
  if (meaning === undefined) return error;
  const [code, text] = meaning;
  return new RmtcError(code, `${path} ${text}.`, { subject: path, cause: error });
}

/** The primary result code, the lowest byte of the extended one. */
function resultCode(error: unknown): number {
  return Number((error as { errcode?: unknown }).errcode) & 0xff;
}
