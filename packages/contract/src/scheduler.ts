// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Timestamp } from "@rmtc/spec";
import type { CallOptions } from "./call-options.ts";

/** What a scheduler can do beyond the contract. */
export interface SchedulerCapabilities {
  /** Whether jobs go on when the process that submitted them ends. */
  readonly detached: boolean;
  /** Whether a higher `priority` starts earlier. */
  readonly priorities: boolean;
  /** Whether a job may name a `facility`. */
  readonly facilities: boolean;
}

/** One program call, or an array of them that differ in their index. */
export interface TaskSpec {
  /** Unique in its job. */
  readonly name: string;
  /** Program and arguments; `{index}` in an argument stands for the array index. */
  readonly command: readonly string[];
  /** How many times it runs, as index 0, 1, …; 1 unless given. */
  readonly count?: number | undefined;
  /** Tasks that must have succeeded before. */
  readonly after?: readonly string[] | undefined;
  /** Slots it takes while it runs; 1 unless given. */
  readonly slots?: number | undefined;
  /** Extra environment variables. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Absolute path of the folder it starts in. */
  readonly workingFolder?: string | undefined;
  /** How often it starts again after a failure; 0 unless given. */
  readonly retries?: number | undefined;
  /** It is killed after so many seconds; never unless given. */
  readonly timeoutSeconds?: number | undefined;
}

export interface JobSpec {
  readonly name: string;
  readonly tasks: readonly TaskSpec[];
  /** Higher starts earlier; 0 unless given. */
  readonly priority?: number | undefined;
  readonly facility?: string | undefined;
}

export type TaskState = "waiting" | "running" | "succeeded" | "failed" | "cancelled" | "blocked";
export type JobState = "running" | "succeeded" | "failed" | "cancelled";

/** One element of a task array. */
export interface TaskStatus {
  readonly name: string;
  readonly index: number;
  readonly state: TaskState;
  /** Starts so far. */
  readonly attempts: number;
  readonly exitCode?: number | undefined;
  readonly startedAt?: Timestamp | undefined;
  readonly endedAt?: Timestamp | undefined;
}

export interface JobStatus {
  readonly job: string;
  readonly name: string;
  readonly state: JobState;
  readonly submittedAt: Timestamp;
  readonly tasks: readonly TaskStatus[];
}

/** Names one element of a task array. */
export interface TaskReference {
  readonly job: string;
  readonly task: string;
  /** 0 unless given. */
  readonly index?: number | undefined;
}

/**
 * Runs graphs of task arrays somewhere.
 *
 * @see spec/draft/scheduler.md
 */
export interface Scheduler extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: SchedulerCapabilities;

  /**
   * Takes a job; it is kept, whole, when the call returns.
   *
   * @throws RMTC_OPTION_INVALID when names repeat, `after` names nothing, or the graph has a cycle.
   * @throws RMTC_UNSUPPORTED for a priority or facility without the capability.
   */
  submit(job: JobSpec, options?: CallOptions): Promise<JobStatus>;

  /** @throws RMTC_NOT_FOUND when there is no such job. */
  status(job: string, options?: CallOptions): Promise<JobStatus>;

  /** Lists jobs, newest first. */
  list(
    request: { readonly limit: number; readonly cursor?: string | undefined },
    options?: CallOptions,
  ): Promise<{ readonly jobs: readonly JobStatus[]; readonly next?: string | undefined }>;

  /** Yields the status now and at each change, and ends when the job has ended. */
  watch(job: string, options?: CallOptions): AsyncIterable<JobStatus>;

  /** Streams what a task printed, from the start; with `follow`, until it ends. */
  logs(
    task: TaskReference,
    options?: CallOptions & { readonly follow?: boolean | undefined },
  ): AsyncIterable<Uint8Array>;

  /** Ends every task of a job, with its processes; those that wait never start. */
  kill(job: string, options?: CallOptions): Promise<JobStatus>;

  /** Starts the failed, cancelled and blocked tasks of an ended job again. */
  retry(job: string, options?: CallOptions): Promise<JobStatus>;
}
