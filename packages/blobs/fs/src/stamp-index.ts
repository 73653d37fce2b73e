// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { RmtcError } from "@rmtc/contract";
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
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #remember: StatementSync;

  private constructor(database: DatabaseSync) {
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
      return new StampIndex(openDatabase(path));
    } catch (error) {
      const code = Number((error as { errcode?: unknown }).errcode);
      if (!DAMAGED.has(code & 0xff)) throw translate(error, path);
      for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
      return new StampIndex(openDatabase(path));
    }
  }

  /** Returns the 64 hexadecimal digits of the file's SHA-256, if it was hashed since its last change. */
  find(stamp: FileStamp): string | undefined {
    const row = this.#find.get(...keyOf(stamp));
    return row?.digest instanceof Uint8Array ? Buffer.from(row.digest).toString("hex") : undefined;
  }

  /** Remembers files, in one transaction. */
  remember(files: Iterable<readonly [FileStamp, string]>): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const [stamp, hex] of files) this.#remember.run(...keyOf(stamp), Buffer.from(hex, "hex"));
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
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

function translate(error: unknown, path: string): unknown {
  const text = error instanceof Error ? error.message : String(error);
  if (/readonly|unable to open/.test(text)) {
    return new RmtcError("RMTC_ACCESS_DENIED", `${path} cannot be written (${text}).`, {
      subject: path,
      cause: error,
    });
  }
  return error;
}
