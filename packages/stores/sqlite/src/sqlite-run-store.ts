// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

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
import { siblingModule } from "@rmtc/wire";
import type { PackedBatch } from "./metric-table.ts";
import { type PackedPoints, packPoints, unpackPoints } from "./packed-points.ts";
import type { PackedMetrics } from "./read-metrics.ts";
import type { SqliteOptions } from "./sqlite-options.ts";
import { StoreThread } from "./store-thread.ts";

/**
 * Holds runs, metrics and aliases in one SQLite file, which may be a record store's file as well.
 *
 * A batch of points is stored as one row per key, so that a million points a second reach the disk.
 */
export class SqliteRunStore implements RunStore {
  readonly name: string = "sqlite";
  readonly capabilities: RunStoreCapabilities = {
    durable: true,
    concurrentWriters: true,
    compareAndSet: true,
    maxBatchPoints: 100_000,
  };
  readonly #thread: StoreThread;

  private constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  /**
   * Opens a store, creating its file if need be.
   *
   * @throws RMTC_NOT_FOUND when the file's folder does not exist.
   * @throws RMTC_ACCESS_DENIED when this user may not write there.
   * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version wrote the file.
   * @throws RMTC_FORMAT_INVALID when the file is a database of something else.
   * @throws RMTC_STORE_DAMAGED when the file is no database.
   */
  static async open(options: SqliteOptions, callOptions: CallOptions = {}): Promise<SqliteRunStore> {
    const module = siblingModule(import.meta.url, "run-thread");
    return new SqliteRunStore(await StoreThread.open(module, options, callOptions));
  }

  async openRun(request: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus> {
    return this.#thread.call("openRun", request, options);
  }

  async startAttempt(
    request: { readonly run: RecordId; readonly resumeAfterStep: number },
    options?: CallOptions,
  ): Promise<RunStatus> {
    return this.#thread.call("startAttempt", request, options);
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
    return this.#thread.call("endAttempt", request, options);
  }

  async getRuns(runs: readonly RecordId[], options?: CallOptions): Promise<readonly (RunStatus | null)[]> {
    return this.#thread.call("getRuns", runs, options);
  }

  async listRuns(
    request: {
      readonly states?: readonly RunState[] | undefined;
      readonly limit: number;
      readonly cursor?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<{ readonly runs: readonly RunStatus[]; readonly next?: string | undefined }> {
    this.#thread.check(options);
    const { states, limit, cursor } = request;
    checkLimit(limit, 10_000);
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : readListCursor(cursor, states);
    const rows = await this.#thread.call<readonly { key: number; status: RunStatus }[]>(
      "listRuns",
      { states, before, limit: limit + 1 },
      options,
    );
    const page = rows.slice(0, limit);
    const runs = page.map(({ status }) => status);
    const last = page.at(-1);
    if (last === undefined || rows.length <= limit) return { runs };
    return { runs, next: writeListCursor(last.key, states) };
  }

  async logMetrics(request: LogMetricsRequest, options?: CallOptions): Promise<void> {
    this.#thread.check(options);
    const { run, attempt, batch, points } = request;
    if (points.length > this.capabilities.maxBatchPoints) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `A batch takes ${this.capabilities.maxBatchPoints} points, not ${points.length}; split it.`,
        { pointer: "/points" },
      );
    }
    if (!Number.isSafeInteger(batch) || batch < 1) {
      throw new RmtcError("RMTC_STATE_INVALID", `Batches count from 1, so that ${batch} is left out.`, {
        pointer: "/batch",
        subject: run,
      });
    }
    const packed: PackedBatch = { run, attempt, batch, points: packPoints(points) };
    await this.#thread.call("logMetrics", packed, options);
  }

  async readMetrics(request: MetricsRequest, options?: CallOptions): Promise<MetricsResult> {
    this.#thread.check(options);
    checkLimit(request.limit, 100_000);
    const { points: packed, next } = await this.#thread.call<PackedMetrics>("readMetrics", request, options);
    const points = await unpackPoints(packed);
    this.#thread.check(options);
    return next === undefined ? { points } : { points, next };
  }

  async summarizeMetrics(run: RecordId, options?: CallOptions): Promise<readonly MetricSummary[]> {
    const { counts, points } = await this.#thread.call<{ counts: readonly number[]; points: PackedPoints }>(
      "summarizeMetrics",
      run,
      options,
    );
    const last = await unpackPoints(points);
    return last.map((point, index) => ({ key: point.key, count: counts[index] ?? 0, last: point }));
  }

  async beginSeal(intent: SealIntent, options?: CallOptions): Promise<RunStatus> {
    return this.#thread.call("beginSeal", intent, options);
  }

  async finishSeal(request: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus> {
    return this.#thread.call("finishSeal", request, options);
  }

  async pendingSeals(options?: CallOptions): Promise<readonly SealIntent[]> {
    return this.#thread.call("pendingSeals", undefined, options);
  }

  async setAlias(request: SetAliasRequest, options?: CallOptions): Promise<Alias> {
    return this.#thread.call("setAlias", request, options);
  }

  async getAlias(alias: string, options?: CallOptions): Promise<readonly Alias[]> {
    return this.#thread.call("getAlias", alias, options);
  }

  async aliasHistory(alias: string, options?: CallOptions): Promise<readonly Alias[]> {
    return this.#thread.call("aliasHistory", alias, options);
  }

  async listAliases(
    { prefix = "" }: { readonly prefix?: string | undefined },
    options?: CallOptions,
  ): Promise<readonly Alias[]> {
    return this.#thread.call("listAliases", prefix, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.close();
  }
}

function checkLimit(limit: number, most: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return;
  throw new RmtcError("RMTC_OPTION_INVALID", `The limit must be an integer from 1 to ${most}.`, {
    pointer: "/limit",
  });
}

/** A list's cursor is the states it was asked with and the key of the last run. */
function writeListCursor(key: number, states: readonly RunState[] | undefined): string {
  return `${states?.join(",") ?? "all"}-${key}`;
}

function readListCursor(cursor: string, states: readonly RunState[] | undefined): number {
  const key = Number(/-(\d{1,15})$/.exec(cursor)?.[1]);
  if (cursor === writeListCursor(key, states)) return key;
  throw new RmtcError("RMTC_CURSOR_INVALID", "The cursor is not from this list; start again without one.", {
    pointer: "/cursor",
  });
}
