// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { canonicalJson } from "@rmtc/attest";
import { type CallOptions, RmtcError, type RunState, type RunStatus, type SealIntent } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import type { Database, Query } from "./database.ts";

/** A row of `run`. */
export interface RunRow {
  readonly key: number;
  readonly status: RunStatus;
  /** The newest batch of the current attempt. */
  readonly batch: number;
  /** Points of all attempts that were taken. */
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

export async function openRun(
  database: Database,
  run: RecordId,
  options: CallOptions | undefined,
): Promise<RunStatus> {
  return await database.write(options, async (query) => {
    await query(
      `INSERT INTO run (id, state, attempt, batch, arrival, opened, updated) VALUES ($1, 'open', 0, 0, 0, $2, $2)
       ON CONFLICT (id) DO NOTHING`,
      [run, Date.now()],
    );
    return (await getRun(query, run)).status;
  });
}

/** Starts an attempt; points after the step that it resumes from are dropped: they count no more. */
export async function startAttempt(
  database: Database,
  id: RecordId,
  resumeAfterStep: number,
  options: CallOptions | undefined,
): Promise<RunStatus> {
  return await database.write(options, async (query) => {
    const run = await lockRun(query, id);
    const { state, attempt } = run.status;
    if (state === "sealing" || state === "sealed") throw wrongState(run, "no attempt can start");
    await query("DELETE FROM metric WHERE series IN (SELECT code FROM series WHERE run = $1) AND step > $2", [
      run.key,
      resumeAfterStep,
    ]);
    await query("UPDATE run SET attempt = $2, batch = 0 WHERE key = $1", [run.key, attempt + 1]);
    return await moveRun(query, run, "running", undefined);
  });
}

export async function endAttempt(
  database: Database,
  request: {
    readonly run: RecordId;
    readonly attempt: number;
    readonly state: RunState;
    readonly message?: string | undefined;
  },
  options: CallOptions | undefined,
): Promise<RunStatus> {
  return await database.write(options, async (query) => {
    const run = await lockRunning(query, request.run, request.attempt);
    return await moveRun(query, run, request.state, request.message);
  });
}

export async function beginSeal(
  database: Database,
  { run: id, records, partition }: SealIntent,
  options: CallOptions | undefined,
): Promise<RunStatus> {
  const text = canonicalJson({ run: id, records, partition });
  return await database.write(options, async (query) => {
    const run = await lockRun(query, id);
    if (run.seal === text) return run.status;
    if (run.seal !== null) throw wrongState(run, "another seal stands");
    if (!ended.includes(run.status.state)) throw wrongState(run, "it has not ended");
    await query("UPDATE run SET seal = $2 WHERE key = $1", [run.key, text]);
    return await moveRun(query, run, "sealing", undefined);
  });
}

export async function finishSeal(
  database: Database,
  id: RecordId,
  options: CallOptions | undefined,
): Promise<RunStatus> {
  return await database.write(options, async (query) => {
    const run = await lockRun(query, id);
    if (run.status.state === "sealed") return run.status;
    if (run.status.state !== "sealing") throw wrongState(run, "no seal was begun");
    return await moveRun(query, run, "sealed", undefined);
  });
}

export async function pendingSeals(query: Query): Promise<readonly SealIntent[]> {
  const rows = await query<[string]>("SELECT seal FROM run WHERE state = 'sealing' ORDER BY key");
  return rows.map(([text]) => JSON.parse(text) as SealIntent);
}

export async function findRuns(
  query: Query,
  ids: readonly RecordId[],
): Promise<ReadonlyMap<RecordId, RunRow>> {
  // No text with U+0000 is the id of a run, and the server takes none.
  const asked = ids.filter((id) => typeof id === "string" && !id.includes("\0"));
  const rows = await query<Columns>(`SELECT ${columns} FROM run WHERE id = ANY($1)`, [asked]);
  return new Map(rows.map(rowFromColumns).map((row) => [row.status.run, row]));
}

/** @throws RMTC_NOT_FOUND when the run was never opened. */
export async function getRun(query: Query, id: RecordId): Promise<RunRow> {
  const row = (await findRuns(query, [id])).get(id);
  if (row !== undefined) return row;
  throw new RmtcError("RMTC_NOT_FOUND", `Run ${id} was never opened here.`, { subject: id });
}

/** Reads a run and keeps others from changing it until the transaction ends. */
export async function lockRun(query: Query, id: RecordId): Promise<RunRow> {
  const { key } = await getRun(query, id);
  const [row] = await query<Columns>(`SELECT ${columns} FROM run WHERE key = $1 FOR UPDATE`, [key]);
  return rowFromColumns(row as Columns);
}

/**
 * Reads and keeps a run in which this attempt is running.
 *
 * @throws RMTC_ATTEMPT_STALE when it is not the newest; RMTC_STATE_INVALID when it is not running.
 */
export async function lockRunning(query: Query, id: RecordId, attempt: number): Promise<RunRow> {
  const run = await lockRun(query, id);
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
export async function listRuns(
  query: Query,
  states: readonly RunState[] | undefined,
  before: number,
  limit: number,
): Promise<readonly RunRow[]> {
  const rows = await query<Columns>(
    `SELECT ${columns} FROM run WHERE key < $1 AND ($2::text[] IS NULL OR state = ANY($2)) ORDER BY key DESC LIMIT $3`,
    [before, states ?? null, limit],
  );
  return rows.map(rowFromColumns);
}

/** Makes the error of a call that a run's state does not allow. */
export function wrongState({ status }: RunRow, reason: string): RmtcError {
  const message = `Run ${status.run} is ${status.state}, attempt ${status.attempt}: ${reason}.`;
  return new RmtcError("RMTC_STATE_INVALID", message, { subject: status.run });
}

async function moveRun(
  query: Query,
  run: RunRow,
  state: RunState,
  message: string | undefined,
): Promise<RunStatus> {
  await query("UPDATE run SET state = $2, message = $3, updated = $4 WHERE key = $1", [
    run.key,
    state,
    message === undefined ? null : JSON.stringify(message),
    Date.now(),
  ]);
  return (await getRun(query, run.status.run)).status;
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
  // JSON, because a message can have U+0000 and the server's texts cannot.
  const said = message === null ? status : { ...status, message: JSON.parse(message) as string };
  return { key, status: said, batch, arrival, seal };
}
