// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { AttemptReference, JobEvent } from "./job-event.ts";
import { attemptPath, journalPath, logPath, readJob } from "./job-folder.ts";
import { JobProgress, type TaskProgress } from "./job-progress.ts";
import { appendEvent, JournalReader } from "./journal.ts";
import { TaskProcess } from "./task-process.ts";

/** So often it is looked whether processes that were killed are gone. */
const ENDING_POLL_MS = 10;

/** A job in the hands of the supervisor: what the journal says, and the processes that run for it. */
export class SupervisedJob implements AsyncDisposable {
  readonly progress: JobProgress;
  readonly #folder: string;
  readonly #graceMs: number;
  readonly #journal: JournalReader;
  readonly #processes = new Map<TaskProgress, TaskProcess>();

  private constructor(folder: string, graceMs: number, progress: JobProgress) {
    this.#folder = folder;
    this.#graceMs = graceMs;
    this.progress = progress;
    this.#journal = new JournalReader(journalPath(folder, progress.job.id));
  }

  static async open(folder: string, id: string, graceMs: number): Promise<SupervisedJob> {
    return new SupervisedJob(folder, graceMs, new JobProgress(await readJob(folder, id)));
  }

  /** Applies what was added to the journal. */
  async refresh(): Promise<void> {
    for await (const event of this.#journal.read()) this.progress.apply(event);
  }

  /**
   * Looks after every running task: takes over those of a supervisor that died, notes those that ended, and
   * ends those that were killed or ran for too long. Returns in how many milliseconds it must look again.
   */
  async tend(): Promise<number> {
    await this.refresh();
    let againMs = Number.POSITIVE_INFINITY;
    for (const element of this.progress.elements()) {
      if (element.state === "running") againMs = Math.min(againMs, await this.#tendTask(element));
    }
    await this.refresh();
    return againMs;
  }

  /**
   * Starts a task, if the journal still lets it: what counts is whether the start or a kill came first there.
   * `onExit` is called when its process has ended. Returns in how many milliseconds the job must be tended again.
   */
  async start(element: TaskProgress, onExit: () => void): Promise<number> {
    const { job } = this.progress;
    const attempt = { task: element.task, index: element.index, attempt: element.attempts + 1 };
    await this.#append({ type: "start", ...attempt });
    await this.refresh();
    if (element.state !== "running" || element.attempts !== attempt.attempt) return Number.POSITIVE_INFINITY;
    const spec = this.progress.specOf(element.task);
    const start = {
      attemptPath: attemptPath(this.#folder, job.id, attempt),
      logPath: logPath(this.#folder, job.id, attempt),
      command: spec.command.map((part) => part.replaceAll("{index}", String(element.index))),
      workingFolder: spec.workingFolder ?? job.workingFolder,
      env: {
        ...process.env,
        ...spec.env,
        RMTC_JOB: job.id,
        RMTC_TASK: spec.name,
        RMTC_TASK_INDEX: String(element.index),
        RMTC_TASK_ATTEMPT: String(attempt.attempt),
      },
    };
    this.#processes.set(element, TaskProcess.start(start, onExit));
    return this.#leftMs(element);
  }

  /** Ends every process at once, without a note: the job's folder is gone. */
  abandon(): void {
    for (const process of this.#processes.values()) {
      process.terminate(0);
      process.terminate(0);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal[Symbol.asyncDispose]();
  }

  async #tendTask(element: TaskProgress): Promise<number> {
    const attempt = { task: element.task, index: element.index, attempt: element.attempts };
    const process = this.#processes.get(element) ?? this.#adopt(element, attempt);
    if (process === undefined) {
      await this.#append({ type: "lost", ...attempt });
      return Number.POSITIVE_INFINITY;
    }
    const outcome = process.outcome();
    if (outcome !== undefined) {
      const { exitCode, at } = outcome;
      // A file's time comes from a clock that ticks every few milliseconds, and so can lie before the start.
      const endedAt = new Date(Math.max(at.getTime(), Date.parse(element.startedAt ?? "") || 0));
      await this.#append({ type: "end", ...attempt, exitCode }, endedAt);
      this.#processes.delete(element);
      return Number.POSITIVE_INFINITY;
    }
    if (process.isEnding) return ENDING_POLL_MS;
    if (this.progress.killed || element.timedOut) {
      process.terminate(this.#graceMs);
      return this.#graceMs;
    }
    const leftMs = this.#leftMs(element);
    if (leftMs > 0) return leftMs;
    await this.#append({ type: "timeout", ...attempt });
    return 0;
  }

  /** Returns how many milliseconds a running task may still run. */
  #leftMs(element: TaskProgress): number {
    const { timeoutSeconds = Number.POSITIVE_INFINITY } = this.progress.specOf(element.task);
    return Date.parse(element.startedAt ?? "") + timeoutSeconds * 1000 - Date.now();
  }

  #adopt(element: TaskProgress, attempt: AttemptReference): TaskProcess | undefined {
    const process = TaskProcess.adopt(attemptPath(this.#folder, this.progress.job.id, attempt));
    if (process !== undefined) this.#processes.set(element, process);
    return process;
  }

  async #append(event: EventWithoutTime, at: Date = new Date()): Promise<void> {
    const path = journalPath(this.#folder, this.progress.job.id);
    await appendEvent(path, { ...event, at: at.toISOString() } as JobEvent);
  }
}

type EventWithoutTime = JobEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, "at">
    : never
  : never;
