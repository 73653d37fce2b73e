// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { rm, stat, writeFile } from "node:fs/promises";
import { isRmtcError } from "@rmtc/contract";
import { FileChanges } from "./file-changes.ts";
import { isSystemError } from "./fs-error.ts";
import { activePath, bellPath, listActiveIds } from "./job-folder.ts";
import { SupervisedJob } from "./supervised-job.ts";

/** Without any sign of a change, the supervisor looks around so often. */
const POLL_MS = 1000;
/** A job that is said to be active but was never stored is forgotten after so long. */
const STILLBORN_MS = 60_000;

/** How a supervisor works. */
export interface SupervisorOptions {
  /** Slots that running tasks share. */
  readonly slots: number;
  /** Milliseconds between asking a process to end and ending it. */
  readonly graceMs: number;
}

/** Runs the jobs of a folder. Only the process that holds the folder's lock may. */
export class Supervisor implements AsyncDisposable {
  readonly #folder: string;
  readonly #options: SupervisorOptions;
  readonly #changes: FileChanges;
  readonly #jobs = new Map<string, SupervisedJob>();
  /** Jobs that cannot be read; they are complained of once. */
  readonly #unreadable = new Set<string>();

  constructor(folder: string, options: SupervisorOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#changes = new FileChanges([bellPath(folder)], POLL_MS);
  }

  /** Runs jobs until none is left that has not ended. */
  async run(): Promise<void> {
    for (;;) {
      let withinMs = POLL_MS;
      try {
        withinMs = await this.#advance();
      } catch (error) {
        complain(error);
      }
      if (this.#jobs.size === 0 && !(await this.hasWork())) return;
      await this.#changes.next({ withinMs });
    }
  }

  /** Tells whether there are jobs to be run. */
  async hasWork(): Promise<boolean> {
    const ids = await listActiveIds(this.#folder);
    return ids.some((id) => !this.#unreadable.has(id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#changes[Symbol.dispose]();
    for (const job of this.#jobs.values()) await job[Symbol.asyncDispose]();
  }

  async #advance(): Promise<number> {
    await this.#openJobs();
    let againMs = POLL_MS;
    for (const [id, job] of this.#jobs) {
      againMs = Math.min(againMs, await this.#guard(id, job, () => job.tend()));
    }
    againMs = Math.min(againMs, await this.#startReady());
    for (const [id, job] of this.#jobs) {
      if (job.progress.ended) await this.#guard(id, job, () => this.#retire(id, job));
    }
    return againMs;
  }

  async #openJobs(): Promise<void> {
    for (const id of await listActiveIds(this.#folder)) {
      if (this.#jobs.has(id) || this.#unreadable.has(id)) continue;
      try {
        this.#jobs.set(id, await SupervisedJob.open(this.#folder, id, this.#options.graceMs));
      } catch (error) {
        if (isRmtcError(error, "RMTC_NOT_FOUND")) await this.#forgetStillborn(id);
        else {
          complain(error);
          this.#unreadable.add(id);
        }
      }
    }
  }

  /** Starts tasks in order of priority, submission and place; one that finds no room keeps later ones waiting. */
  async #startReady(): Promise<number> {
    const { slots } = this.#options;
    const jobs = [...this.#jobs].sort(
      ([idA, a], [idB, b]) =>
        (b.progress.job.spec.priority ?? 0) - (a.progress.job.spec.priority ?? 0) || (idA < idB ? -1 : 1),
    );
    const sizeOf = (job: SupervisedJob, task: number): number =>
      Math.min(slots, job.progress.specOf(task).slots ?? 1);
    let free = slots;
    for (const [, job] of jobs) {
      for (const element of job.progress.elements()) {
        if (element.state === "running") free -= sizeOf(job, element.task);
      }
    }
    let againMs = POLL_MS;
    for (const [id, job] of jobs) {
      for (const element of job.progress.elements()) {
        if (!job.progress.isReady(element)) continue;
        const size = sizeOf(job, element.task);
        if (size > free) return againMs;
        const start = (): Promise<number> => job.start(element, () => this.#changes.ring());
        againMs = Math.min(againMs, await this.#guard(id, job, start));
        free -= size;
      }
    }
    return againMs;
  }

  /** Lets an ended job go, unless it is retried at this moment: then it is active again. */
  async #retire(id: string, job: SupervisedJob): Promise<number> {
    await rm(activePath(this.#folder, id), { force: true });
    await job.refresh();
    if (job.progress.ended) {
      this.#jobs.delete(id);
      await job[Symbol.asyncDispose]();
    } else {
      await writeFile(activePath(this.#folder, id), "");
      this.#changes.ring();
    }
    return POLL_MS;
  }

  async #forgetStillborn(id: string): Promise<void> {
    const path = activePath(this.#folder, id);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > STILLBORN_MS) await rm(path, { force: true });
  }

  /** Keeps what is wrong with one job from the others. A job whose folder was removed is ended. */
  async #guard(id: string, job: SupervisedJob, work: () => Promise<number>): Promise<number> {
    try {
      return await work();
    } catch (error) {
      complain(error);
      if (isSystemError(error, "ENOENT")) {
        job.abandon();
        this.#jobs.delete(id);
        await rm(activePath(this.#folder, id), { force: true });
      }
      return POLL_MS;
    }
  }
}

/** The supervisor's standard error is its log. */
function complain(error: unknown): void {
  console.error(new Date().toISOString(), error);
}
