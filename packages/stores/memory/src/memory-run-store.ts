// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { canonicalJson, sha256 } from "@rmtc/attest";
import {
  type Alias,
  type CallOptions,
  type LogMetricsRequest,
  type MetricSummary,
  type MetricsRequest,
  type MetricsResult,
  RmtcError,
  type RunState,
  type RunStatus,
  type RunStore,
  type RunStoreCapabilities,
  type SealIntent,
  type SetAliasRequest,
} from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import { AliasLog } from "./alias-log.ts";
import { CallGuard } from "./call-guard.ts";
import { checkPoints } from "./check-points.ts";
import {
  addPoints,
  type CountedPoint,
  comparePoints,
  dropPointsAfter,
  keysOf,
  type MemoryRun,
  moveRun,
  pendingSealOf,
} from "./memory-run.ts";

const ended: readonly RunState[] = ["succeeded", "failed", "cancelled"];

/**
 * Holds runs, metrics and aliases in memory: the plain reference of what the contract means.
 *
 * Points that stop counting are dropped when the attempt that says so starts.
 */
export class MemoryRunStore implements RunStore {
  readonly name: string = "memory";
  readonly capabilities: RunStoreCapabilities = {
    durable: false,
    concurrentWriters: false,
    compareAndSet: true,
    maxBatchPoints: 100_000,
  };
  /** Oldest first. */
  readonly #runs: Map<RecordId, MemoryRun> = new Map();
  readonly #aliases: AliasLog = new AliasLog();
  readonly #guard: CallGuard = new CallGuard("memory run store");
  #arrivals = 0;

  async openRun({ run }: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus> {
    this.#guard.check(options);
    const known = this.#runs.get(run);
    if (known !== undefined) return { ...known.status };
    const openedAt = new Date().toISOString();
    const status: RunStatus = { run, state: "open", attempt: 0, openedAt, updatedAt: openedAt };
    this.#runs.set(run, { status, batch: 0, points: new Map() });
    return { ...status };
  }

  async startAttempt(
    { run: id, resumeAfterStep }: { readonly run: RecordId; readonly resumeAfterStep: number },
    options?: CallOptions,
  ): Promise<RunStatus> {
    this.#guard.check(options);
    const run = this.#run(id);
    if (run.status.state === "sealing" || run.status.state === "sealed") {
      throw wrongState(run, "no attempt can start");
    }
    dropPointsAfter(run, resumeAfterStep);
    run.batch = 0;
    return moveRun(run, "running", { attempt: run.status.attempt + 1 });
  }

  async endAttempt(
    request: {
      readonly run: RecordId;
      readonly attempt: number;
      readonly state: "succeeded" | "failed" | "cancelled";
      readonly message?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<RunStatus> {
    this.#guard.check(options);
    const { attempt, state, message } = request;
    const run = this.#running(request.run, attempt);
    return moveRun(run, state, message === undefined ? {} : { message });
  }

  async getRuns(runs: readonly RecordId[], options?: CallOptions): Promise<readonly (RunStatus | null)[]> {
    this.#guard.check(options);
    return runs.map((id) => {
      const run = this.#runs.get(id);
      return run === undefined ? null : { ...run.status };
    });
  }

  async listRuns(
    request: {
      readonly states?: readonly RunState[] | undefined;
      readonly limit: number;
      readonly cursor?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<{ readonly runs: readonly RunStatus[]; readonly next?: string | undefined }> {
    this.#guard.check(options);
    const { states, limit, cursor } = request;
    checkLimit(limit, 10_000);
    const newestFirst = [...this.#runs.keys()].reverse();
    const check = sha256(JSON.stringify(states ?? null));
    const [after] = cursor === undefined ? [] : parseCursor(cursor, check);
    const start = after === undefined ? 0 : newestFirst.indexOf(String(after)) + 1;
    const all = newestFirst.slice(start).flatMap((id) => {
      const status = this.#run(id).status;
      return (states?.includes(status.state) ?? true) ? [{ ...status }] : [];
    });
    const runs = all.slice(0, limit);
    const last = runs.at(-1);
    if (last === undefined || runs.length === all.length) return { runs };
    return { runs, next: formatCursor(check, [last.run]) };
  }

  async logMetrics(request: LogMetricsRequest, options?: CallOptions): Promise<void> {
    this.#guard.check(options);
    const { attempt, batch, points } = request;
    const run = this.#running(request.run, attempt);
    if (points.length > this.capabilities.maxBatchPoints) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `A batch takes ${this.capabilities.maxBatchPoints} points, not ${points.length}; split it.`,
        { pointer: "/points" },
      );
    }
    if (Number.isSafeInteger(batch) && batch >= 1 && batch <= run.batch) return;
    if (batch !== run.batch + 1) {
      throw wrongState(run, `batch ${run.batch + 1} comes before batch ${batch}`);
    }
    checkPoints(points);
    run.batch = batch;
    addPoints(
      run,
      points.map((point) => ({ point: { ...point }, arrival: ++this.#arrivals })),
    );
  }

  async readMetrics(request: MetricsRequest, options?: CallOptions): Promise<MetricsResult> {
    this.#guard.check(options);
    const { keys, limit, cursor } = request;
    checkLimit(limit, 100_000);
    const run = this.#run(request.run);
    const check = sha256(JSON.stringify([request.run, keys ?? null]));
    const after = cursor === undefined ? undefined : placeFromCursor(cursor, check);
    const rest = keysOf(run)
      .filter((key) => keys?.includes(key) ?? true)
      .flatMap((key) => run.points.get(key) ?? [])
      .filter((counted) => after === undefined || comparePoints(counted, after) > 0);
    const page = rest.slice(0, limit);
    const points = page.map(({ point }) => ({ ...point }));
    const last = page.at(-1);
    if (last === undefined || page.length === rest.length) return { points };
    return { points, next: formatCursor(check, [last.point.key, last.point.step, last.arrival]) };
  }

  async summarizeMetrics(id: RecordId, options?: CallOptions): Promise<readonly MetricSummary[]> {
    this.#guard.check(options);
    const run = this.#run(id);
    return keysOf(run).flatMap((key) => {
      const counted = run.points.get(key) ?? [];
      const last = counted.at(-1);
      return last === undefined ? [] : [{ key, count: counted.length, last: { ...last.point } }];
    });
  }

  async beginSeal(intent: SealIntent, options?: CallOptions): Promise<RunStatus> {
    this.#guard.check(options);
    const run = this.#run(intent.run);
    const { records, partition } = intent;
    const text = canonicalJson({ run: intent.run, records, partition });
    if (run.sealed === text) return { ...run.status };
    if (run.sealed !== undefined) throw wrongState(run, "another seal stands");
    if (!ended.includes(run.status.state)) throw wrongState(run, "it has not ended");
    run.sealed = text;
    return moveRun(run, "sealing");
  }

  async finishSeal({ run: id }: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus> {
    this.#guard.check(options);
    const run = this.#run(id);
    if (run.status.state === "sealed") return { ...run.status };
    if (run.status.state !== "sealing") throw wrongState(run, "no seal was begun");
    return moveRun(run, "sealed");
  }

  async pendingSeals(options?: CallOptions): Promise<readonly SealIntent[]> {
    this.#guard.check(options);
    return [...this.#runs.values()].flatMap(pendingSealOf);
  }

  async setAlias(request: SetAliasRequest, options?: CallOptions): Promise<Alias> {
    this.#guard.check(options);
    return this.#aliases.set(request);
  }

  async getAlias(alias: string, options?: CallOptions): Promise<readonly Alias[]> {
    this.#guard.check(options);
    return this.#aliases.history(alias).slice(0, 1);
  }

  async aliasHistory(alias: string, options?: CallOptions): Promise<readonly Alias[]> {
    this.#guard.check(options);
    return this.#aliases.history(alias);
  }

  async listAliases(
    { prefix = "" }: { readonly prefix?: string | undefined },
    options?: CallOptions,
  ): Promise<readonly Alias[]> {
    this.#guard.check(options);
    return this.#aliases.list(prefix);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#guard.close();
  }

  #run(id: RecordId): MemoryRun {
    const run = this.#runs.get(id);
    if (run !== undefined) return run;
    throw new RmtcError("RMTC_NOT_FOUND", `Run ${id} was never opened here.`, { subject: id });
  }

  #running(id: RecordId, attempt: number): MemoryRun {
    const run = this.#run(id);
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
}

function wrongState({ status }: MemoryRun, reason: string): RmtcError {
  const message = `Run ${status.run} is ${status.state}, attempt ${status.attempt}: ${reason}.`;
  return new RmtcError("RMTC_STATE_INVALID", message, { subject: status.run });
}

function checkLimit(limit: number, most: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return;
  throw new RmtcError("RMTC_OPTION_INVALID", `The limit must be an integer from 1 to ${most}.`, {
    pointer: "/limit",
  });
}

function formatCursor(check: string, place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([check, ...place])).toString("base64url");
}

function parseCursor(cursor: string, check: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(parsed) && parsed[0] === check) return parsed.slice(1);
  } catch {
    // Falls through: whatever is not JSON is as foreign as a cursor of another request.
  }
  throw new RmtcError("RMTC_CURSOR_INVALID", "The cursor is not from this request; start without one.", {
    pointer: "/cursor",
  });
}

function placeFromCursor(cursor: string, check: string): CountedPoint {
  const [key, step, arrival] = parseCursor(cursor, check);
  return { point: { key: String(key), step: Number(step), value: 0, at: "" }, arrival: Number(arrival) };
}
