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
import { aliasHistory, listAliases, setAlias } from "./alias-rows.ts";
import { Database } from "./database.ts";
import { logMetrics, readMetrics, summarizeMetrics } from "./metric-rows.ts";
import { migrate } from "./migrate.ts";
import type { PostgresOptions } from "./postgres-options.ts";
import {
  beginSeal,
  endAttempt,
  findRuns,
  finishSeal,
  listRuns,
  openRun,
  pendingSeals,
  startAttempt,
} from "./run-rows.ts";

/** Holds runs, metrics and aliases in a PostgreSQL database, a record store's or another. */
export class PostgresRunStore implements RunStore {
  readonly name: string = "postgres";
  readonly capabilities: RunStoreCapabilities = {
    durable: true,
    concurrentWriters: true,
    compareAndSet: true,
    maxBatchPoints: 100_000,
  };
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Opens a store, making its tables if need be.
   *
   * @throws RMTC_NOT_FOUND when there is no such database; RMTC_ACCESS_DENIED when this user may not use it.
   * @throws RMTC_STORE_BUSY when the server does not answer.
   * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version made the tables.
   * @throws RMTC_FORMAT_INVALID when the database's texts are not UTF-8.
   */
  static async open(options: PostgresOptions, callOptions?: CallOptions): Promise<PostgresRunStore> {
    const database = new Database(options);
    try {
      await migrate(database, callOptions);
      return new PostgresRunStore(database);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async openRun({ run }: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus> {
    return await openRun(this.#database, run, options);
  }

  async startAttempt(
    { run, resumeAfterStep }: { readonly run: RecordId; readonly resumeAfterStep: number },
    options?: CallOptions,
  ): Promise<RunStatus> {
    return await startAttempt(this.#database, run, resumeAfterStep, options);
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
    return await endAttempt(this.#database, request, options);
  }

  async getRuns(runs: readonly RecordId[], options?: CallOptions): Promise<readonly (RunStatus | null)[]> {
    const found = await this.#database.read(options, (query) => findRuns(query, runs));
    return runs.map((run) => {
      const row = found.get(run);
      return row === undefined ? null : { ...row.status };
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
    this.#database.check(options);
    const { states, limit, cursor } = request;
    checkLimit(limit, 10_000);
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : readListCursor(cursor, states);
    const rows = await this.#database.read(options, (query) => listRuns(query, states, before, limit + 1));
    const page = rows.slice(0, limit);
    const runs = page.map(({ status }) => status);
    const last = page.at(-1);
    if (last === undefined || rows.length <= limit) return { runs };
    return { runs, next: writeListCursor(last.key, states) };
  }

  async logMetrics(request: LogMetricsRequest, options?: CallOptions): Promise<void> {
    this.#database.check(options);
    const { run, batch, points } = request;
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
    await logMetrics(this.#database, request, options);
  }

  async readMetrics(request: MetricsRequest, options?: CallOptions): Promise<MetricsResult> {
    this.#database.check(options);
    checkLimit(request.limit, 100_000);
    return await readMetrics(this.#database, request, options);
  }

  async summarizeMetrics(run: RecordId, options?: CallOptions): Promise<readonly MetricSummary[]> {
    return await this.#database.read(options, (query) => summarizeMetrics(query, run));
  }

  async beginSeal(intent: SealIntent, options?: CallOptions): Promise<RunStatus> {
    this.#database.check(options);
    return await beginSeal(this.#database, intent, options);
  }

  async finishSeal({ run }: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus> {
    return await finishSeal(this.#database, run, options);
  }

  async pendingSeals(options?: CallOptions): Promise<readonly SealIntent[]> {
    return await this.#database.read(options, pendingSeals);
  }

  async setAlias(request: SetAliasRequest, options?: CallOptions): Promise<Alias> {
    return await setAlias(this.#database, request, options);
  }

  async getAlias(alias: string, options?: CallOptions): Promise<readonly Alias[]> {
    return await this.#database.read(options, (query) => aliasHistory(query, alias, 1));
  }

  async aliasHistory(alias: string, options?: CallOptions): Promise<readonly Alias[]> {
    return await this.#database.read(options, (query) => aliasHistory(query, alias));
  }

  async listAliases(
    { prefix = "" }: { readonly prefix?: string | undefined },
    options?: CallOptions,
  ): Promise<readonly Alias[]> {
    return await this.#database.read(options, (query) => listAliases(query, prefix));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
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
