// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, utimes, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import {
  type CallOptions,
  type JobSpec,
  type JobStatus,
  RmtcError,
  type Scheduler,
  type SchedulerCapabilities,
  type TaskReference,
} from "@rmtc/contract";
import { checkJob } from "./check-job.ts";
import { FileChanges } from "./file-changes.ts";
import { translateFsError } from "./fs-error.ts";
import {
  activePath,
  bellPath,
  isJobId,
  journalPath,
  listActiveIds,
  listJobIds,
  newJobId,
  type StoredJob,
  storeJob,
} from "./job-folder.ts";
import { JobObserver, readJobStatus } from "./job-observer.ts";
import { appendEvent } from "./journal.ts";
import { readLogs } from "./read-logs.ts";
import { startSupervisor } from "./start-supervisor.ts";
import type { SupervisorOptions } from "./supervisor.ts";
import { SupervisorLock } from "./supervisor-lock.ts";

/** How a scheduler is opened. */
export interface LocalSchedulerOptions {
  /** Path of the folder for jobs and logs, made if missing. Schedulers of one folder see the same jobs. */
  readonly path: string;
  /** Slots that running tasks share; the number of logical cores unless given. */
  readonly slots?: number | undefined;
  /** Seconds between asking a process to end and ending it; 5 unless given. */
  readonly graceSeconds?: number | undefined;
}

/** A watch without any sign of a change looks so often. */
const POLL_MS = 1000;
/** The longest page that a list gives. */
const LIST_LIMIT = 1000;

/**
 * Runs jobs as child processes of this machine.
 *
 * A supervisor, a process of its own, starts the tasks. It lives while there is something to run, whatever
 * becomes of the process that submitted it. Everything is written down in the folder, so any scheduler opened on
 * it sees every job, and starts a new supervisor when it finds that the old one was killed.
 */
export class LocalScheduler implements Scheduler {
  readonly name: string = "local";
  readonly capabilities: SchedulerCapabilities = { detached: true, priorities: true, facilities: false };
  readonly #folder: string;
  readonly #supervisor: SupervisorOptions;
  readonly #lock: SupervisorLock;
  readonly #closing: AbortController = new AbortController();
  #starting: Promise<void> | undefined;

  private constructor(folder: string, supervisor: SupervisorOptions) {
    this.#folder = folder;
    this.#supervisor = supervisor;
    this.#lock = new SupervisorLock(folder);
  }

  /**
   * Opens the scheduler of a folder, and sees to it that its jobs run.
   *
   * @throws RMTC_ACCESS_DENIED when the folder cannot be made or written.
   * @throws RMTC_PROCESS_FAILED when a supervisor is needed and does not start.
   */
  static async open(options: LocalSchedulerOptions): Promise<LocalScheduler> {
    const folder = resolve(options.path);
    const slots = options.slots ?? availableParallelism();
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(bellPath(folder), "", { flag: "a" });
      const scheduler = new LocalScheduler(folder, { slots, graceMs: (options.graceSeconds ?? 5) * 1000 });
      if ((await listActiveIds(folder)).length > 0) await scheduler.#ensureSupervisor();
      return scheduler;
    } catch (error) {
      throw translateFsError(error, "store", folder);
    }
  }

  async submit(job: JobSpec, options: CallOptions = {}): Promise<JobStatus> {
    this.#signal(options).throwIfAborted();
    checkJob(job);
    const stored: StoredJob = {
      id: newJobId(),
      submittedAt: new Date().toISOString(),
      workingFolder: process.cwd(),
      spec: job,
    };
    return await this.#inFolder(async () => {
      await storeJob(this.#folder, stored);
      await this.#wakeSupervisor();
      return await readJobStatus(this.#folder, stored.id);
    });
  }

  async status(job: string, options: CallOptions = {}): Promise<JobStatus> {
    this.#signal(options).throwIfAborted();
    return await this.#inFolder(async () => {
      const status = await readJobStatus(this.#folder, job);
      if (status.state === "running") await this.#ensureSupervisor();
      return status;
    });
  }

  async list(
    request: { readonly limit: number; readonly cursor?: string | undefined },
    options: CallOptions = {},
  ): Promise<{ readonly jobs: readonly JobStatus[]; readonly next?: string | undefined }> {
    const { limit, cursor } = request;
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RmtcError("RMTC_OPTION_INVALID", `A limit of ${limit} is not possible; give 1 or more.`, {
        pointer: "/limit",
      });
    }
    if (cursor !== undefined && !isJobId(cursor)) {
      throw new RmtcError(
        "RMTC_CURSOR_INVALID",
        `“${cursor}” is no cursor of this scheduler; start without one.`,
      );
    }
    const signal = this.#signal(options);
    signal.throwIfAborted();
    return await this.#inFolder(async () => {
      const ids = (await listJobIds(this.#folder)).filter((id) => cursor === undefined || id < cursor);
      const page = ids.slice(0, Math.min(limit, LIST_LIMIT));
      const jobs: JobStatus[] = [];
      for (const id of page) {
        signal.throwIfAborted();
        jobs.push(await readJobStatus(this.#folder, id));
      }
      return page.length < ids.length ? { jobs, next: page.at(-1) } : { jobs };
    });
  }

  async *watch(job: string, options: CallOptions = {}): AsyncIterable<JobStatus> {
    const signal = this.#signal(options);
    await using observer = await this.#inFolder(() => JobObserver.open(this.#folder, job));
    using changes = new FileChanges([journalPath(this.#folder, job)], POLL_MS);
    for (let changed = true; ; changed = await this.#inFolder(() => observer.refresh())) {
      signal.throwIfAborted();
      if (changed) yield observer.progress.status();
      if (observer.progress.ended) return;
      await this.#ensureSupervisor();
      await changes.next({ signal });
    }
  }

  logs(
    task: TaskReference,
    options: CallOptions & { readonly follow?: boolean | undefined } = {},
  ): AsyncIterable<Uint8Array> {
    return readLogs(this.#folder, task, options.follow ?? false, this.#signal(options));
  }

  async kill(job: string, options: CallOptions = {}): Promise<JobStatus> {
    let status = await this.status(job, options);
    if (status.state !== "running") return status;
    await this.#request(job, "kill");
    for await (const next of this.watch(job, options)) status = next;
    return status;
  }

  async retry(job: string, options: CallOptions = {}): Promise<JobStatus> {
    const status = await this.status(job, options);
    if (status.state === "running") {
      throw new RmtcError("RMTC_STATE_INVALID", `Job ${job} has not ended; wait for it or kill it first.`, {
        subject: job,
      });
    }
    if (status.state === "succeeded") return status;
    await this.#request(job, "retry");
    return await this.status(job, options);
  }

  /** Ends watches and logs that are still read; jobs go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(
      new RmtcError("RMTC_STORE_CLOSED", `The scheduler of ${this.#folder} was closed.`, {
        subject: this.#folder,
      }),
    );
    this.#lock[Symbol.dispose]();
  }

  async #request(job: string, type: "kill" | "retry"): Promise<void> {
    await this.#inFolder(async () => {
      await appendEvent(journalPath(this.#folder, job), { type, at: new Date().toISOString() });
      if (type === "retry") await writeFile(activePath(this.#folder, job), "");
      await this.#wakeSupervisor();
    });
  }

  async #wakeSupervisor(): Promise<void> {
    const now = new Date();
    await utimes(bellPath(this.#folder), now, now);
    await this.#ensureSupervisor();
  }

  /** Starts a supervisor if none holds the lock; should two start at once, one of them ends again. */
  async #ensureSupervisor(): Promise<void> {
    this.#closing.signal.throwIfAborted();
    if (this.#lock.isHeld()) return;
    this.#starting ??= startSupervisor(this.#folder, this.#supervisor).finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  #signal(options: CallOptions): AbortSignal {
    const closing = this.#closing.signal;
    return options.signal === undefined ? closing : AbortSignal.any([closing, options.signal]);
  }

  async #inFolder<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw translateFsError(error, "store", this.#folder);
    }
  }
}
