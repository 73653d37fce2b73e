// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { JobState, JobStatus, TaskSpec, TaskState } from "@rmtc/contract";
import type { JobEvent } from "./job-event.ts";
import type { StoredJob } from "./job-folder.ts";

/** One element of a task array, as the journal tells it. */
export interface TaskProgress {
  readonly task: number;
  readonly index: number;
  state: TaskState;
  /** Starts so far. */
  attempts: number;
  /** Failures since it was submitted or retried. */
  failures: number;
  timedOut: boolean;
  exitCode: number | undefined;
  startedAt: string | undefined;
  endedAt: string | undefined;
}

/** The state of a job: what its journal adds up to. Supervisors and onlookers come to the same one. */
export class JobProgress {
  readonly job: StoredJob;
  readonly #tasks: readonly (readonly TaskProgress[])[];
  /** For each task, the places of those it comes after. */
  readonly #after: readonly (readonly number[])[];
  /** For each task, how many of its elements succeeded. */
  readonly #succeeded: number[];
  #killed = false;

  constructor(job: StoredJob) {
    this.job = job;
    this.#tasks = job.spec.tasks.map((spec, task) =>
      Array.from({ length: spec.count ?? 1 }, (_, index) => ({
        task,
        index,
        state: "waiting" as const,
        attempts: 0,
        failures: 0,
        timedOut: false,
        exitCode: undefined,
        startedAt: undefined,
        endedAt: undefined,
      })),
    );
    this.#succeeded = this.#tasks.map(() => 0);
    const places = new Map(job.spec.tasks.map((spec, task) => [spec.name, task]));
    this.#after = job.spec.tasks.map((spec) => (spec.after ?? []).flatMap((name) => places.get(name) ?? []));
  }

  /** Whether somebody killed the job, and did not retry it since. */
  get killed(): boolean {
    return this.#killed;
  }

  /** Whether nothing runs and nothing will. */
  get ended(): boolean {
    return this.elements().every(({ state }) => state !== "waiting" && state !== "running");
  }

  apply(event: JobEvent): void {
    if (event.type === "kill") this.#kill();
    else if (event.type === "retry") this.#retry();
    else this.#applyToTask(event);
  }

  /** Yields every element of every task array, in order. */
  *elements(): Generator<TaskProgress, void> {
    for (const elements of this.#tasks) yield* elements;
  }

  find(task: number, index: number): TaskProgress | undefined {
    return this.#tasks[task]?.[index];
  }

  specOf(task: number): TaskSpec {
    const spec = this.job.spec.tasks[task];
    if (spec === undefined) throw new RangeError(`Job ${this.job.id} has no task ${task}.`);
    return spec;
  }

  /** Whether an element waits for nothing but a slot. */
  isReady(element: TaskProgress): boolean {
    return (
      element.state === "waiting" &&
      (this.#after[element.task] ?? []).every((task) => this.#succeeded[task] === this.#tasks[task]?.length)
    );
  }

  status(): JobStatus {
    const { id, spec, submittedAt } = this.job;
    const tasks = this.elements().map((element) => ({
      name: this.specOf(element.task).name,
      index: element.index,
      state: element.state,
      attempts: element.attempts,
      exitCode: element.exitCode,
      startedAt: element.startedAt,
      endedAt: element.endedAt,
    }));
    return { job: id, name: spec.name, state: this.#state(), submittedAt, tasks: tasks.toArray() };
  }

  #state(): JobState {
    const states = new Set(this.elements().map(({ state }) => state));
    if (states.has("waiting") || states.has("running")) return "running";
    if (states.has("cancelled")) return "cancelled";
    return states.has("failed") || states.has("blocked") ? "failed" : "succeeded";
  }

  #applyToTask(event: Exclude<JobEvent, { type: "kill" | "retry" }>): void {
    const element = this.find(event.task, event.index);
    if (element === undefined) return;
    if (event.type === "start") {
      if (event.attempt !== element.attempts + 1 || !this.isReady(element)) return;
      element.state = "running";
      element.attempts = event.attempt;
      element.timedOut = false;
      element.exitCode = undefined;
      element.startedAt = event.at;
      element.endedAt = undefined;
      return;
    }
    if (element.state !== "running" || event.attempt !== element.attempts) return;
    switch (event.type) {
      case "timeout":
        element.timedOut = true;
        return;
      case "lost":
        element.state = this.#killed ? "cancelled" : "waiting";
        element.endedAt = event.at;
        return;
      case "end":
        element.exitCode = event.exitCode;
        element.endedAt = event.at;
        this.#end(element);
    }
  }

  /** A task that was killed is cancelled even when it ends with code 0: it may have stopped early. */
  #end(element: TaskProgress): void {
    if (this.#killed) {
      element.state = "cancelled";
    } else if (element.exitCode === 0 && !element.timedOut) {
      element.state = "succeeded";
      this.#succeeded[element.task] = (this.#succeeded[element.task] ?? 0) + 1;
    } else {
      element.failures += 1;
      const again = element.failures <= (this.specOf(element.task).retries ?? 0);
      element.state = again ? "waiting" : "failed";
      if (!again) this.#block(element.task);
    }
  }

  /** Blocks what comes after a task that failed, and what comes after that. */
  #block(failed: number): void {
    for (const [task, after] of this.#after.entries()) {
      if (!after.includes(failed)) continue;
      const waiting = (this.#tasks[task] ?? []).filter(({ state }) => state === "waiting");
      for (const element of waiting) element.state = "blocked";
      if (waiting.length > 0) this.#block(task);
    }
  }

  #kill(): void {
    if (this.ended) return;
    this.#killed = true;
    for (const element of this.elements()) {
      if (element.state === "waiting") element.state = "cancelled";
    }
  }

  #retry(): void {
    if (!this.ended) return;
    this.#killed = false;
    for (const element of this.elements()) {
      if (element.state === "succeeded") continue;
      element.state = "waiting";
      element.failures = 0;
    }
  }
}
