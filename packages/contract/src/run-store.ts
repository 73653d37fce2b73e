// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest, RecordId, RmtcRecord, Timestamp } from "@rmtc/spec";
import type { CallOptions } from "./call-options.ts";

/** What a run store can do beyond the contract. */
export interface RunStoreCapabilities {
  readonly durable: boolean;
  readonly concurrentWriters: boolean;
  /** Whether aliases move by compare-and-set. */
  readonly compareAndSet: boolean;
  /** The most points one `logMetrics` takes. */
  readonly maxBatchPoints: number;
}

/**
 * The states of an activity: `open` until the first attempt, `running`, then how it ended, and `sealed` when
 * the seal is in the record store. `sealing` lasts while the seal's bytes are on their way there.
 */
export type RunState = "open" | "running" | "succeeded" | "failed" | "cancelled" | "sealing" | "sealed";

/** The live side of one activity. */
export interface RunStatus {
  /** The id of the activity's opening record. */
  readonly run: RecordId;
  readonly state: RunState;
  /** Attempts so far; 0 before the first. */
  readonly attempt: number;
  /** Why it failed or was cancelled. */
  readonly message?: string | undefined;
  readonly openedAt: Timestamp;
  readonly updatedAt: Timestamp;
}

/** A number, or one that JSON has no literal for. */
export type MetricValue = number | "NaN" | "Infinity" | "-Infinity";

export interface MetricPoint {
  /** 1 to 250 characters. */
  readonly key: string;
  readonly step: number;
  readonly value: MetricValue;
  readonly at: Timestamp;
}

export interface LogMetricsRequest {
  readonly run: RecordId;
  readonly attempt: number;
  /** Rises by one with each batch of an attempt, from 1; a batch that was taken already is ignored. */
  readonly batch: number;
  readonly points: readonly MetricPoint[];
}

export interface MetricsRequest {
  readonly run: RecordId;
  /** Only these keys; all unless given. */
  readonly keys?: readonly string[] | undefined;
  /** The most points to return, 1 to 100,000. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface MetricsResult {
  /** Points that count, ordered by key in UTF-8 bytes, step and arrival. */
  readonly points: readonly MetricPoint[];
  readonly next?: string | undefined;
}

/** Per key: how many points count, and the one with the highest step that came last. */
export interface MetricSummary {
  readonly key: string;
  readonly count: number;
  readonly last: MetricPoint;
}

/** A name that moves, such as `hero-roto@production`. */
export interface Alias {
  readonly alias: string;
  readonly to: RecordId;
  readonly digest: Digest;
  readonly setAt: Timestamp;
  /** Who moved it. */
  readonly by?: string | undefined;
}

export interface SetAliasRequest {
  readonly alias: string;
  readonly to: RecordId;
  readonly digest: Digest;
  readonly by?: string | undefined;
  /** The record that the alias must name now; `null` for an alias that must not exist; unchecked if missing. */
  readonly expect?: RecordId | null | undefined;
}

/** The exact records of a seal on its way into the record store. */
export interface SealIntent {
  readonly run: RecordId;
  readonly records: readonly RmtcRecord[];
  readonly partition: string;
}

/**
 * Holds what changes while activities run: states, metrics and aliases.
 *
 * Writes carry run, attempt and batch: a stale attempt is refused, a repeated batch ignored. Aborted or
 * refused calls leave nothing behind.
 *
 * @see spec/draft/run-store.md
 */
export interface RunStore extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: RunStoreCapabilities;

  /** Registers an activity in state `open`; a known one is left as it is. */
  openRun(request: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus>;

  /**
   * Starts a new attempt: the state becomes `running`, earlier attempts turn stale, and their points with
   * `step > resumeAfterStep` stop counting.
   *
   * @throws RMTC_STATE_INVALID when the run is sealing or sealed.
   */
  startAttempt(
    request: { readonly run: RecordId; readonly resumeAfterStep: number },
    options?: CallOptions,
  ): Promise<RunStatus>;

  /**
   * Ends the current attempt.
   *
   * @throws RMTC_ATTEMPT_STALE when `attempt` is not the newest; RMTC_STATE_INVALID when it is not running.
   */
  endAttempt(
    request: {
      readonly run: RecordId;
      readonly attempt: number;
      readonly state: "succeeded" | "failed" | "cancelled";
      readonly message?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<RunStatus>;

  /** Returns the status of each run, in the order given; `null` for an unknown one. */
  getRuns(runs: readonly RecordId[], options?: CallOptions): Promise<readonly (RunStatus | null)[]>;

  /** Lists runs, newest first. */
  listRuns(
    request: {
      readonly states?: readonly RunState[] | undefined;
      readonly limit: number;
      readonly cursor?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<{ readonly runs: readonly RunStatus[]; readonly next?: string | undefined }>;

  /**
   * Appends points, all or none.
   *
   * @throws RMTC_ATTEMPT_STALE when a newer attempt has started.
   * @throws RMTC_STATE_INVALID when the run is not running, or batches were left out.
   */
  logMetrics(request: LogMetricsRequest, options?: CallOptions): Promise<void>;

  /** Reads points that count, in pages. */
  readMetrics(request: MetricsRequest, options?: CallOptions): Promise<MetricsResult>;

  /** Sums up each key. */
  summarizeMetrics(run: RecordId, options?: CallOptions): Promise<readonly MetricSummary[]>;

  /**
   * Keeps the exact records of a seal before they are put: the state becomes `sealing`, metrics close.
   *
   * Again with the same bytes it changes nothing.
   *
   * @throws RMTC_STATE_INVALID when the run has not ended, or another seal stands.
   */
  beginSeal(intent: SealIntent, options?: CallOptions): Promise<RunStatus>;

  /** Marks the seal as put: the state becomes `sealed`. */
  finishSeal(request: { readonly run: RecordId }, options?: CallOptions): Promise<RunStatus>;

  /** Lists the seals that were begun and not finished, so that recovery puts the same bytes again. */
  pendingSeals(options?: CallOptions): Promise<readonly SealIntent[]>;

  /**
   * Moves an alias.
   *
   * @throws RMTC_ALIAS_CONFLICT when `expect` does not hold.
   */
  setAlias(request: SetAliasRequest, options?: CallOptions): Promise<Alias>;

  /** Returns where an alias points, every head of it if merged stores disagree, none if it does not exist. */
  getAlias(alias: string, options?: CallOptions): Promise<readonly Alias[]>;

  /** Lists every place an alias has pointed to, newest first. */
  aliasHistory(alias: string, options?: CallOptions): Promise<readonly Alias[]>;

  /** Lists aliases whose name starts with `prefix`, in order. */
  listAliases(
    request: { readonly prefix?: string | undefined },
    options?: CallOptions,
  ): Promise<readonly Alias[]>;
}
