// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { canonicalJson } from "@rmtc/attest";
import { RmtcError, type RunState, type RunStatus, type SealIntent } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import type { Database } from "./database.ts";

/** A row of `run`. */
export interface RunRow {
  readonly key: number;
  readonly status: RunStatus;
  /** The newest batch of the current attempt. */
  readonly batch: number;
  /** Batches of all attempts that were taken. */
  readonly arrival: number;
  /** The canonical JSON of the seal's intent, once there is one. */
  readonly seal: string | null;
}

type Columns = readonly [
  key: number,
  id: string,
  state: RunState,
  attempt: number,
  batch: number,
  arrival: number,
  message: string | null,
  opened: number,
  updated: number,
  seal: string | null,
];

const columns = "key, id, state, attempt, batch, arrival, message, opened, updated, seal";
const ended: readonly RunState[] = ["succeeded", "failed", "cancelled"];

/** The states of runs. */
export class RunTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  open(run: RecordId): RunStatus {
    return this.#database.write(() => {
      const now = Date.now();
      this.#database.run(
        `INSERT INTO run (id, state, attempt, batch, arrival, opened, updated) VALUES (?, 'open', 0, 0, 0, ?, ?)
         ON CONFLICT (id) DO NOTHING`,
        run,
        now,
        now,
      );
      return this.get(run).status;
    });
  }

  startAttempt(id: RecordId, resumeAfterStep: number): RunStatus {
    return this.#database.write(() => {
      const run = this.get(id);
      const { state, attempt } = run.status;
      if (state === "sealing" || state === "sealed") throw wrongState(run, "no attempt can start");
      // What stopped counting once never counts again, so that the lowest step stays.
      this.#database.run(
        "UPDATE attempt SET last_step = min(coalesce(last_step, ?1), ?1) WHERE run = ?2",
        resumeAfterStep,
        run.key,
      );
      this.#database.run("INSERT INTO attempt VALUES (?, ?, NULL)", run.key, attempt + 1);
      this.#database.run("UPDATE run SET attempt = ?, batch = 0 WHERE key = ?", attempt + 1, run.key);
      return this.#move(run, "running", undefined);
    });
  }

  endAttempt(id: RecordId, attempt: number, state: RunState, message: string | undefined): RunStatus {
    return this.#database.write(() => this.#move(this.getRunning(id, attempt), state, message));
  }

  beginSeal({ run: id, records, partition }: SealIntent): RunStatus {
    const text = canonicalJson({ run: id, records, partition });
    return this.#database.write(() => {
      const run = this.get(id);
      if (run.seal === text) return run.status;
      if (run.seal !== null) throw wrongState(run, "another seal stands");
      if (!ended.includes(run.status.state)) throw wrongState(run, "it has not ended");
      this.#database.run("UPDATE run SET seal = ? WHERE key = ?", text, run.key);
      return this.#move(run, "sealing", undefined);
    });
  }

  finishSeal(id: RecordId): RunStatus {
    return this.#database.write(() => {
      const run = this.get(id);
      if (run.status.state === "sealed") return run.status;
      if (run.status.state !== "sealing") throw wrongState(run, "no seal was begun");
      return this.#move(run, "sealed", undefined);
    });
  }

  pendingSeals(): readonly SealIntent[] {
    return this.#database
      .all<[string]>("SELECT seal FROM run WHERE state = 'sealing' ORDER BY key")
      .map(([text]) => JSON.parse(text) as SealIntent);
  }

  /** @throws RMTC_NOT_FOUND when the run was never opened. */
  get(id: RecordId): RunRow {
    const row = this.find(id);
    if (row !== undefined) return row;
    throw new RmtcError("RMTC_NOT_FOUND", `Run ${id} was never opened here.`, { subject: id });
  }

  find(id: RecordId): RunRow | undefined {
    const row = this.#database.get<Columns>(`SELECT ${columns} FROM run WHERE id = ?`, id);
    return row && rowFromColumns(row);
  }

  /**
   * Returns a run in which this attempt is running.
   *
   * @throws RMTC_ATTEMPT_STALE when it is not the newest; RMTC_STATE_INVALID when it is not running.
   */
  getRunning(id: RecordId, attempt: number): RunRow {
    const run = this.get(id);
    if (attempt !== run.status.attempt) {
      throw new RmtcError(
        "RMTC_ATTEMPT_STALE",
        `Run ${id} is at attempt ${run.status.attempt}, not ${attempt}; stop the old process.`,
        { subject: id },
      );
    }
    if (run.status.state !== "running") throw wrongState(run, "no attempt is running");
    return run;
  }

  /** Lists runs before a key, newest first. */
  list(states: readonly RunState[] | undefined, before: number, limit: number): readonly RunRow[] {
    const chosen = states === undefined ? "" : "AND state IN (SELECT value FROM json_each(?))";
    const rows = this.#database.all<Columns>(
      `SELECT ${columns} FROM run WHERE key < ? ${chosen} ORDER BY key DESC LIMIT ?`,
      before,
      ...(states === undefined ? [] : [JSON.stringify(states)]),
      limit,
    );
    return rows.map(rowFromColumns);
  }

  #move(run: RunRow, state: RunState, message: string | undefined): RunStatus {
    this.#database.run(
      "UPDATE run SET state = ?, message = ?, updated = ? WHERE key = ?",
      state,
      message ?? null,
      Date.now(),
      run.key,
    );
    return this.get(run.status.run).status;
  }
}

/** Makes the error of a call that a run's state does not allow. */
export function wrongState({ status }: RunRow, reason: string): RmtcError {
  const message = `Run ${status.run} is ${status.state}, attempt ${status.attempt}: ${reason}.`;
  return new RmtcError("RMTC_STATE_INVALID", message, { subject: status.run });
}

function rowFromColumns(row: Columns): RunRow {
  const [key, run, state, attempt, batch, arrival, message, opened, updated, seal] = row;
  const status = {
    run,
    state,
    attempt,
    openedAt: new Date(opened).toISOString(),
    updatedAt: new Date(updated).toISOString(),
  };
  return { key, status: message === null ? status : { ...status, message }, batch, arrival, seal };
}
