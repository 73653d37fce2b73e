// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** So long a new supervisor waits for the lock: longer than anyone looks whether it is held. */
const WAIT_MS = 2000;

/**
 * The lock that one supervisor of a folder holds while it lives.
 *
 * It is a lock of the operating system on an empty SQLite database, so it goes when its holder is killed, and
 * no process id is ever mistaken for another's.
 */
export class SupervisorLock implements Disposable {
  readonly #database: DatabaseSync;

  constructor(folder: string) {
    this.#database = new DatabaseSync(join(folder, "supervisor.lock"), { timeout: 0 });
  }

  /** Takes the lock; returns whether that worked. */
  take(): boolean {
    return this.#tryTo(`PRAGMA journal_mode = OFF; PRAGMA busy_timeout = ${WAIT_MS}; BEGIN EXCLUSIVE`);
  }

  /** Lets the lock go again. */
  release(): void {
    this.#database.exec("ROLLBACK");
  }

  /** Tells whether some process holds the lock. */
  isHeld(): boolean {
    return !this.#tryTo("PRAGMA busy_timeout = 0; SELECT count(*) FROM sqlite_schema");
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #tryTo(sql: string): boolean {
    try {
      this.#database.exec(sql);
      return true;
    } catch (error) {
      // SQLITE_BUSY (sqlite3.h).
      if (((error as { errcode?: number }).errcode ?? 0) % 256 === 5) return false;
      throw error;
    }
  }
}
