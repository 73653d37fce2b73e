// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { isAbsolute } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type CallOptions,
  type JobSpec,
  type JobStatus,
  RmtcError,
  type Scheduler,
  type TaskReference,
  type TaskSpec,
  type TaskState,
  type TaskStatus,
} from "@rmtc/contract";

const slots = 2;

interface Element {
  readonly task: TaskSpec;
  readonly index: number;
  state: TaskState;
  attempts: number;
  failures: number;
  exitCode?: number | undefined;
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  child?: ChildProcess | undefined;
  /** Set when the scheduler crashed while it ran, so that only an exit code tells how it ended. */
  orphan?: boolean;
  readonly printed: Buffer[];
}

interface Job {
  readonly id: string;
  readonly spec: JobSpec;
  readonly submittedAt: string;
  elements: readonly Element[];
  killed: boolean;
}

/** Runs jobs as child processes and remembers them for as long as it lives; two slots. */
export class MemoryScheduler implements Scheduler {
  readonly name = "memory";
  readonly capabilities: Scheduler["capabilities"];
  readonly #jobs: Job[] = [];
  readonly #changes = new EventTarget();
  #version = 0;
  /** Whether the part that starts elements was killed; whoever looks starts it again. */
  #stopped = false;
  #ended: (() => void)[] = [];

  constructor(full: boolean) {
    this.capabilities = { detached: full, priorities: full, facilities: false };
  }

  /** What the death of the scheduler's own processes would be: nothing starts, and ends are not seen. */
  crash(): void {
    this.#stopped = true;
    for (const { elements } of this.#jobs) {
      for (const element of elements) element.orphan = element.state === "running";
    }
  }

  /** Goes on after a crash. */
  wake(): void {
    this.#stopped = false;
    for (const end of this.#ended.splice(0)) end();
    this.#pump();
  }

  async submit(spec: JobSpec, { signal }: CallOptions = {}): Promise<JobStatus> {
    signal?.throwIfAborted();
    this.#checkJob(spec);
    const job: Job = {
      id: randomUUID(),
      spec,
      submittedAt: new Date().toISOString(),
      killed: false,
      elements: spec.tasks.flatMap((task) =>
        Array.from(
          { length: task.count ?? 1 },
          (_, index): Element => ({
            task,
            index,
            state: "waiting",
            attempts: 0,
            failures: 0,
            printed: [],
          }),
        ),
      ),
    };
    this.#jobs.unshift(job);
    const status = statusOf(job);
    void setImmediate().then(() => this.#pump());
    return status;
  }

  async status(id: string, { signal }: CallOptions = {}): Promise<JobStatus> {
    signal?.throwIfAborted();
    const job = this.#find(id);
    this.wake();
    return statusOf(job);
  }

  async list(
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
    { signal }: CallOptions = {},
  ): Promise<{ readonly jobs: readonly JobStatus[]; readonly next?: string | undefined }> {
    signal?.throwIfAborted();
    if (!Number.isInteger(limit) || limit < 1) throw wrong("/limit");
    const start = cursor === undefined ? 0 : this.#jobs.findIndex(({ id }) => id === cursor) + 1;
    if (cursor !== undefined && start === 0) throw new RmtcError("RMTC_CURSOR_INVALID", "It is no cursor.");
    const jobs = this.#jobs.slice(start, start + limit).map(statusOf);
    return start + limit < this.#jobs.length ? { jobs, next: jobs.at(-1)?.job } : { jobs };
  }

  async *watch(id: string, { signal }: CallOptions = {}): AsyncGenerator<JobStatus, void> {
    signal?.throwIfAborted();
    const job = this.#find(id);
    this.wake();
    for (let last = ""; ; ) {
      const seen = this.#version;
      const status = statusOf(job);
      const text = JSON.stringify(status);
      if (text !== last) yield status;
      last = text;
      if (status.state !== "running") return;
      await this.#change(seen, signal);
    }
  }

  async *logs(
    { job: id, task, index = 0 }: TaskReference,
    { signal, follow = false }: CallOptions & { readonly follow?: boolean | undefined } = {},
  ): AsyncGenerator<Uint8Array, void> {
    signal?.throwIfAborted();
    const element = this.#find(id).elements.find((one) => one.task.name === task && one.index === index);
    if (element === undefined) throw new RmtcError("RMTC_NOT_FOUND", `There is no ${task}.${index}.`);
    for (let place = 0; ; ) {
      const seen = this.#version;
      const over = !follow || (element.state !== "waiting" && element.state !== "running");
      for (; place < element.printed.length; place++) yield element.printed[place] ?? new Uint8Array();
      if (over) return;
      await this.#change(seen, signal);
    }
  }

  async kill(id: string, { signal }: CallOptions = {}): Promise<JobStatus> {
    signal?.throwIfAborted();
    const job = this.#find(id);
    if (statusOf(job).state !== "running") return statusOf(job);
    job.killed = true;
    for (const element of job.elements) {
      if (element.state === "waiting") element.state = "cancelled";
      endProcesses(element);
    }
    this.#notify();
    while (statusOf(job).state === "running") await this.#change(this.#version, signal);
    return statusOf(job);
  }

  async retry(id: string, { signal }: CallOptions = {}): Promise<JobStatus> {
    signal?.throwIfAborted();
    const job = this.#find(id);
    const { state } = statusOf(job);
    if (state === "running") throw new RmtcError("RMTC_STATE_INVALID", "The job has not ended.");
    job.killed = false;
    for (const element of job.elements) {
      if (element.state !== "succeeded") Object.assign(element, { state: "waiting", failures: 0 });
    }
    const status = statusOf(job);
    void setImmediate().then(() => this.#pump());
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #find(id: string): Job {
    const job = this.#jobs.find((one) => one.id === id);
    if (job === undefined) throw new RmtcError("RMTC_NOT_FOUND", `There is no job ${id}.`);
    return job;
  }

  #notify(): void {
    this.#version += 1;
    this.#changes.dispatchEvent(new Event("change"));
  }

  /** Waits for a change after the one that was seen. */
  async #change(seen: number, signal: AbortSignal | undefined): Promise<void> {
    if (seen !== this.#version) return;
    await new Promise<void>((resolve, reject) => {
      const changed = (): void => {
        signal?.removeEventListener("abort", aborted);
        resolve();
      };
      const aborted = (): void => {
        this.#changes.removeEventListener("change", changed);
        reject(signal?.reason);
      };
      this.#changes.addEventListener("change", changed, { once: true });
      signal?.addEventListener("abort", aborted, { once: true });
    });
    signal?.throwIfAborted();
  }

  /** Starts what can start: the jobs of highest priority first, and none past one that waits for slots. */
  #pump(): void {
    if (this.#stopped) return;
    const jobs = this.#jobs.toReversed();
    const order = jobs.toSorted((a, b) => (b.spec.priority ?? 0) - (a.spec.priority ?? 0));
    let free = slots;
    for (const { elements } of jobs) {
      for (const { state, task } of elements) if (state === "running") free -= slotsOf(task);
    }
    for (const job of order) {
      block(job);
      for (const element of job.elements) {
        if (element.state !== "waiting" || !isReady(job, element.task)) continue;
        free -= slotsOf(element.task);
        if (free >= 0) this.#start(job, element);
      }
    }
    this.#notify();
  }

  #start(job: Job, element: Element): void {
    const { task, index } = element;
    element.state = "running";
    element.attempts += 1;
    element.orphan = false;
    element.startedAt = new Date().toISOString();
    element.endedAt = undefined;
    element.exitCode = undefined;
    const [program = "", ...given] = task.command.map((part) => part.replaceAll("{index}", String(index)));
    const told = {
      RMTC_JOB: job.id,
      RMTC_TASK: task.name,
      RMTC_TASK_INDEX: String(index),
      RMTC_TASK_ATTEMPT: String(element.attempts),
    };
    // One pipe for both keeps what is printed in order.
    const child = spawn("sh", ["-c", 'exec "$@" 2>&1', "-", program, ...given], {
      detached: true,
      cwd: task.workingFolder,
      env: { ...process.env, ...task.env, ...told },
      stdio: ["ignore", "pipe", "ignore"],
    });
    element.child = child;
    let timedOut = false;
    const limit = setTimeout(
      () => {
        timedOut = true;
        endProcesses(element);
      },
      (task.timeoutSeconds ?? 86_400) * 1_000,
    );
    child.stdout?.on("data", (chunk: Buffer) => {
      element.printed.push(chunk);
      this.#notify();
    });
    const end = (code: number | null): void => {
      clearTimeout(limit);
      const lost = element.orphan === true && code === null;
      const finish = (): void => {
        element.child = undefined;
        element.exitCode = code ?? undefined;
        element.endedAt = new Date().toISOString();
        if (job.killed) element.state = "cancelled";
        else if (lost) element.state = "waiting";
        else if (code === 0 && !timedOut) element.state = "succeeded";
        else {
          element.failures += 1;
          element.state = element.failures > (task.retries ?? 0) ? "failed" : "waiting";
        }
        this.#pump();
      };
      if (this.#stopped) this.#ended.push(finish);
      else finish();
    };
    child.once("error", () => end(null));
    child.once("close", end);
  }

  #checkJob({ tasks, priority, facility }: JobSpec): void {
    if (facility !== undefined || (priority !== undefined && !this.capabilities.priorities)) {
      throw new RmtcError("RMTC_UNSUPPORTED", "There are no facilities or priorities.");
    }
    if (tasks.length === 0) throw wrong("/tasks");
    const names = tasks.map(({ name }) => name);
    const whole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;
    for (const [place, task] of tasks.entries()) {
      const pointer = `/tasks/${place}`;
      if (names.indexOf(task.name) !== place) throw wrong(`${pointer}/name`);
      if (task.command.length === 0) throw wrong(`${pointer}/command`);
      if (!whole(task.count ?? 1, 1)) throw wrong(`${pointer}/count`);
      if (!whole(task.slots ?? 1, 1)) throw wrong(`${pointer}/slots`);
      if (!whole(task.retries ?? 0, 0)) throw wrong(`${pointer}/retries`);
      if (!((task.timeoutSeconds ?? 1) > 0)) throw wrong(`${pointer}/timeoutSeconds`);
      if (!isAbsolute(task.workingFolder ?? "/")) throw wrong(`${pointer}/workingFolder`);
      if (task.after?.some((name) => !names.includes(name)) === true) throw wrong(`${pointer}/after`);
    }
    for (let rest = tasks; rest.length > 0; ) {
      const left = new Set(rest.map(({ name }) => name));
      const next = rest.filter(({ after }) => after?.some((name) => left.has(name)) === true);
      if (next.length === rest.length) throw wrong("/tasks");
      rest = next;
    }
  }
}

function wrong(pointer: string): RmtcError {
  return new RmtcError("RMTC_OPTION_INVALID", `The ${pointer} cannot be.`, { pointer });
}

function slotsOf({ slots: wanted = 1 }: TaskSpec): number {
  return Math.min(wanted, slots);
}

function isReady({ elements }: Job, { after = [] }: TaskSpec): boolean {
  return elements.every(({ task, state }) => !after.includes(task.name) || state === "succeeded");
}

/** Blocks what waits for something that will never succeed. */
function block({ elements }: Job): void {
  const lost = (): Set<string> =>
    new Set(
      elements.filter(({ state }) => state === "failed" || state === "blocked").map(({ task }) => task.name),
    );
  for (let names = lost(), count = -1; names.size > count; ) {
    count = names.size;
    for (const element of elements) {
      if (element.state === "waiting" && element.task.after?.some((name) => names.has(name)) === true) {
        element.state = "blocked";
      }
    }
    names = lost();
  }
}

function endProcesses({ child }: Element): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // They are gone already.
  }
}

function statusOf({ id, spec, submittedAt, elements }: Job): JobStatus {
  const tasks = elements.map(
    ({ task, index, state, attempts, exitCode, startedAt, endedAt }): TaskStatus => ({
      name: task.name,
      index,
      state,
      attempts,
      exitCode,
      startedAt,
      endedAt,
    }),
  );
  const has = (...states: readonly TaskState[]): boolean => tasks.some(({ state }) => states.includes(state));
  const ended = has("cancelled") ? "cancelled" : has("failed", "blocked") ? "failed" : "succeeded";
  const state = has("waiting", "running") ? "running" : ended;
  return { job: id, name: spec.name, state, submittedAt, tasks };
}
