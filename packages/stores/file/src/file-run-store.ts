// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import {
  type Alias,
  type CallOptions,
  type LogMetricsRequest,
  type MetricPoint,
  type MetricSummary,
  type MetricsRequest,
  type MetricsResult,
  RmtcError,
  type RunState as RunStateName,
  type RunStatus,
  type RunStore,
  type RunStoreCapabilities,
  type SealIntent,
  type SetAliasRequest,
} from "@rmtc/contract";
import { compareUtf8 } from "@rmtc/query";
import type { RecordId } from "@rmtc/spec";
import { abortable } from "./abortable.ts";
import { AliasFolder } from "./alias-folder.ts";
import { CallGuard } from "./call-guard.ts";
import { checkPoints } from "./check-points.ts";
import { errorFromFile } from "./file-error.ts";
import type { FileOptions } from "./file-options.ts";
import { LoopTurns } from "./loop-turns.ts";
import { MachineJournal } from "./machine-journal.ts";
import { checkLimit, checkOf, formatCursor, parseCursor } from "./page-cursor.ts";
import { RunFolder } from "./run-folder.ts";
import { type RunState, sealText } from "./run-state.ts";
import { openStoreFolder } from "./store-folder.ts";

const ended: readonly RunStateName[] = ["succeeded", "failed", "cancelled"];

/** A run that was opened. */
type OpenedRun = RunState & { readonly status: RunStatus };

/**
 * Holds runs, metrics and aliases in a folder of JSON documents, one for each call that was accepted.
 *
 * What a run has come to follows from its documents alone, in whatever order they arrive from other machines.
 */
export class FileRunStore implements RunStore {
  readonly name: string = "file";
  readonly capabilities: RunStoreCapabilities = {
    durable: true,
    concurrentWriters: false,
    compareAndSet: false,
    maxBatchPoints: 10_000,
  };
  readonly #path: string;
  readonly #journal: MachineJournal;
  readonly #runs: RunFolder;
  readonly #aliases: AliasFolder;
  readonly #guard: CallGuard;
  readonly #calls = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;
  #line: Promise<unknown> = Promise.resolve();

  private constructor(path: string, journal: MachineJournal) {
    this.#path = path;
    this.#journal = journal;
    this.#runs = new RunFolder(path, journal);
    this.#aliases = new AliasFolder(path);
    this.#guard = new CallGuard(path);
  }

  /**
   * Opens a store, creating its folder if need be.
   *
   * @throws RMTC_NOT_FOUND when the folder around it does not exist.
   * @throws RMTC_ACCESS_DENIED when this user may not write there.
   * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version made the folder; RMTC_FORMAT_INVALID, RMTC_STORE_DAMAGED.
   */
  static async open(options: FileOptions, callOptions: CallOptions = {}): Promise<FileRunStore> {
    callOptions.signal?.throwIfAborted();
    const { path, index, id } = await openStoreFolder(options);
    return new FileRunStore(path, await MachineJournal.open(index, id));
  }

  async openRun({ run }: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus> {
    return this.#write(options, async (signal) => {
      const known = await this.#runs.state(run);
      if (known.status !== undefined) return { ...known.status };
      const sequence = this.#journal.settings().opened + 1;
      this.#journal.set({ opened: sequence });
      return statusOf(await this.#runs.write(run, { call: "openRun", sequence }, signal));
    });
  }

  async startAttempt(
    { run, resumeAfterStep }: { readonly run: RecordId; readonly resumeAfterStep: number },
    options?: CallOptions,
  ): Promise<RunStatus> {
    return this.#write(options, async (signal) => {
      const { status } = await this.#opened(run);
      if (status.state === "sealing" || status.state === "sealed") {
        throw wrongState(status, "no attempt can start");
      }
      const attempt = status.attempt + 1;
      return statusOf(
        await this.#runs.write(run, { call: "startAttempt", attempt, resumeAfterStep }, signal),
      );
    });
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
    const { run, attempt, state, message } = request;
    return this.#write(options, async (signal) => {
      const { start } = await this.#running(run, attempt);
      const said = message === undefined ? {} : { message };
      return statusOf(
        await this.#runs.write(run, { call: "endAttempt", attempt, start, state, ...said }, signal),
      );
    });
  }

  async getRuns(runs: readonly RecordId[], options?: CallOptions): Promise<readonly (RunStatus | null)[]> {
    return this.#read(options, async () => {
      const found: (RunStatus | null)[] = [];
      for (const run of runs) {
        const { status } = await this.#runs.state(run);
        found.push(status === undefined ? null : { ...status });
      }
      return found;
    });
  }

  async listRuns(
    request: {
      readonly states?: readonly RunStateName[] | undefined;
      readonly limit: number;
      readonly cursor?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<{ readonly runs: readonly RunStatus[]; readonly next?: string | undefined }> {
    return this.#read(options, async () => {
      const { states, limit, cursor } = request;
      checkLimit(limit, 10_000);
      const check = checkOf(states ?? null);
      const after = cursor === undefined ? undefined : parseCursor(cursor, check);
      const all = (await this.#all()).sort((a, b) => compareOpenings(openingOf(b), openingOf(a)));
      const rest = all.filter(
        (one) =>
          (states?.includes(one.status.state) ?? true) &&
          (after === undefined || compareOpenings(openingOf(one), after) < 0),
      );
      const page = rest.slice(0, limit);
      const runs = page.map(statusOf);
      const last = page.at(-1);
      if (last === undefined || page.length === rest.length) return { runs };
      return { runs, next: formatCursor(check, openingOf(last)) };
    });
  }

  async logMetrics(request: LogMetricsRequest, options?: CallOptions): Promise<void> {
    const { run: id, attempt, batch } = request;
    const points = request.points.map(({ key, step, value, at }) => ({ key, step, value, at }));
    await this.#write(options, async (signal) => {
      const run = await this.#running(id, attempt);
      if (points.length > this.capabilities.maxBatchPoints) {
        const message = `A batch takes ${this.capabilities.maxBatchPoints} points, not ${points.length}; split it.`;
        throw new RmtcError("RMTC_LIMIT_EXCEEDED", message, { pointer: "/points" });
      }
      if (Number.isSafeInteger(batch) && batch >= 1 && batch <= run.batch) return;
      if (batch !== run.batch + 1) {
        throw wrongState(run.status, `batch ${run.batch + 1} comes before batch ${batch}`);
      }
      checkPoints(points);
      await this.#runs.write(id, { call: "logMetrics", attempt, start: run.start, batch, points }, signal);
    });
  }

  async readMetrics(request: MetricsRequest, options?: CallOptions): Promise<MetricsResult> {
    return this.#read(options, async () => {
      const { keys, limit, cursor } = request;
      checkLimit(limit, 100_000);
      const run = await this.#opened(request.run);
      const check = checkOf([request.run, keys ?? null]);
      const [afterKey, afterStep, afterArrival] = cursor === undefined ? [] : parseCursor(cursor, check);
      const points: MetricPoint[] = [];
      const turns = new LoopTurns();
      let last: readonly (string | number)[] = [];
      for (const key of run.keys()) {
        if (keys?.includes(key) === false) continue;
        const order = afterKey === undefined ? 1 : compareUtf8(key, String(afterKey));
        if (order < 0) continue;
        for (const { point, arrival } of run.points(key)) {
          const passed = point.step - Number(afterStep) || arrival - Number(afterArrival);
          if (order === 0 && passed <= 0) continue;
          if (points.length === limit) return { points, next: formatCursor(check, last) };
          points.push({ ...point });
          last = [key, point.step, arrival];
          await turns.step();
        }
      }
      return { points };
    });
  }

  async summarizeMetrics(id: RecordId, options?: CallOptions): Promise<readonly MetricSummary[]> {
    return this.#read(options, async () => {
      const run = await this.#opened(id);
      return run.keys().flatMap((key) => {
        const counted = run.points(key);
        const last = counted.at(-1);
        return last === undefined ? [] : [{ key, count: counted.length, last: { ...last.point } }];
      });
    });
  }

  async beginSeal(intent: SealIntent, options?: CallOptions): Promise<RunStatus> {
    const { run: id, partition } = intent;
    return this.#write(options, async (signal) => {
      const text = sealText(intent);
      const run = await this.#opened(id);
      if (run.seal === text) return statusOf(run);
      if (run.seal !== undefined) throw wrongState(run.status, "another seal stands");
      if (!ended.includes(run.status.state)) throw wrongState(run.status, "it has not ended");
      const { records } = JSON.parse(text) as SealIntent;
      return statusOf(await this.#runs.write(id, { call: "beginSeal", partition, records }, signal));
    });
  }

  async finishSeal({ run: id }: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus> {
    return this.#write(options, async (signal) => {
      const run = await this.#opened(id);
      if (run.status.state === "sealed") return statusOf(run);
      if (run.status.state !== "sealing") throw wrongState(run.status, "no seal was begun");
      return statusOf(await this.#runs.write(id, { call: "finishSeal" }, signal));
    });
  }

  async pendingSeals(options?: CallOptions): Promise<readonly SealIntent[]> {
    return this.#read(options, async () => {
      const sealing = (await this.#all()).filter(({ status }) => status.state === "sealing");
      return sealing.flatMap(({ seal }) => (seal === undefined ? [] : [JSON.parse(seal) as SealIntent]));
    });
  }

  async setAlias(request: SetAliasRequest, options?: CallOptions): Promise<Alias> {
    return this.#write(options, async (signal) => {
      if (request.expect !== undefined) {
        const message =
          "A folder of files cannot compare and set: two machines could both win. Set the alias without expect, and look for several heads.";
        throw new RmtcError("RMTC_UNSUPPORTED", message, { subject: request.alias, pointer: "/expect" });
      }
      return this.#aliases.set(request, this.#journal.settings().writer, signal);
    });
  }

  async getAlias(alias: string, options?: CallOptions): Promise<readonly Alias[]> {
    return this.#read(options, () => this.#aliases.heads(alias));
  }

  async aliasHistory(alias: string, options?: CallOptions): Promise<readonly Alias[]> {
    return this.#read(options, () => this.#aliases.history(alias));
  }

  async listAliases(
    { prefix = "" }: { readonly prefix?: string | undefined },
    options?: CallOptions,
  ): Promise<readonly Alias[]> {
    return this.#read(options, () => this.#aliases.list(prefix));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#guard.close();
    this.#closing ??= Promise.allSettled(this.#calls).then(() => this.#journal[Symbol.dispose]());
    await this.#closing;
  }

  /** Runs a call that writes, while nobody else of this machine does. */
  async #write<Result>(
    options: CallOptions | undefined,
    action: (signal: AbortSignal | undefined) => Promise<Result>,
  ): Promise<Result> {
    const signal = options?.signal;
    return this.#call(options, () => this.#journal.turn(() => this.#inLine(() => action(signal)), signal));
  }

  async #read<Result>(options: CallOptions | undefined, action: () => Promise<Result>): Promise<Result> {
    return this.#call(options, () => abortable(this.#inLine(action), options?.signal));
  }

  /** One look at the files after another: they share what was read. */
  #inLine<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#line.then(action);
    this.#line = result.catch(() => undefined);
    return result;
  }

  async #call<Result>(options: CallOptions | undefined, action: () => Promise<Result>): Promise<Result> {
    this.#guard.check(options);
    const call = action();
    this.#calls.add(call);
    try {
      return await call;
    } catch (error) {
      throw errorFromFile(error, this.#path);
    } finally {
      this.#calls.delete(call);
    }
  }

  async #all(): Promise<OpenedRun[]> {
    const all: OpenedRun[] = [];
    for (const id of await this.#runs.list()) {
      const run = await this.#runs.state(id);
      if (isOpened(run)) all.push(run);
    }
    return all;
  }

  async #opened(id: RecordId): Promise<OpenedRun> {
    const run = await this.#runs.state(id);
    if (isOpened(run)) return run;
    throw new RmtcError("RMTC_NOT_FOUND", `Run ${id} was never opened here.`, { subject: id });
  }

  async #running(id: RecordId, attempt: number): Promise<OpenedRun> {
    const run = await this.#opened(id);
    if (attempt !== run.status.attempt) {
      const message = `Run ${id} is at attempt ${run.status.attempt}, not ${attempt}; stop the old process.`;
      throw new RmtcError("RMTC_ATTEMPT_STALE", message, { subject: id });
    }
    if (run.status.state !== "running") throw wrongState(run.status, "no attempt is running");
    return run;
  }
}

function isOpened(run: RunState): run is OpenedRun {
  return run.status !== undefined;
}

function statusOf(run: RunState): RunStatus {
  return { ...(run.status as RunStatus) };
}

/** Where a run stands in the order of openings. */
function openingOf({ status, sequence }: OpenedRun): readonly [string, number, string] {
  return [status.openedAt, sequence, status.run];
}

function compareOpenings(a: readonly unknown[], b: readonly unknown[]): number {
  for (const place of [0, 1, 2]) {
    const [one, other] = [a[place] as string | number, b[place] as string | number];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

function wrongState(status: RunStatus, reason: string): RmtcError {
  const message = `Run ${status.run} is ${status.state}, attempt ${status.attempt}: ${reason}.`;
  return new RmtcError("RMTC_STATE_INVALID", message, { subject: status.run });
}
