// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  isRmtcError,
  type JobStatus,
  type Scheduler,
  type TaskReference,
  type TaskSpec,
} from "@rmtc/contract";
import type { CaseContext } from "../../conformance-case.ts";
import { within } from "../support/within.ts";

type Context = Pick<CaseContext<Scheduler>, "store" | "size">;

/** More slots than any scheduler has: an element that wants so many takes all. */
export const allSlots = 1_000_000;

/** Makes a task that runs a script of the POSIX shell. */
export function shell(name: string, script: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { name, command: ["sh", "-c", script], ...more };
}

/** A line of shell that waits until a file of the folder is there, and ends when the folder is gone. */
export function waitFor(folder: string, file: string): string {
  return `while [ -d '${folder}' ] && [ ! -e '${join(folder, file)}' ]; do sleep 0.02; done`;
}

/** A line of shell that writes to a file of the folder again and again, and so shows that its process is there. */
export function beat(folder: string, file: string): string {
  return `while [ -d '${folder}' ]; do echo x >> '${join(folder, file)}'; sleep 0.02; done`;
}

/** Makes a file of the folder, for which tasks may wait. */
export async function signal(folder: string, file: string): Promise<void> {
  await writeFile(join(folder, file), "");
}

/** Reads the lines of a file that tasks write; none if it is not there. */
export async function linesOf(folder: string, file: string): Promise<string[]> {
  const text = await readFile(join(folder, file), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

/** Asserts that no process writes to a file of the folder any more. */
export async function assertStill(folder: string, file: string): Promise<void> {
  const before = (await linesOf(folder, file)).length;
  assert.notEqual(before, 0, "the process never ran");
  await setTimeout(150);
  assert.equal((await linesOf(folder, file)).length, before, "a process of the task still runs");
}

/** Watches a job until it has ended; returns the last status. */
export async function ended(
  context: Context,
  job: string,
  on: Scheduler = context.store,
): Promise<JobStatus> {
  const status = await until(context, job, () => false, on);
  assert.notEqual(status.state, "running", "the watch ended before the job");
  return status;
}

/**
 * Looks at a job after a kill, and returns the instance that answers: where a process of its own serves an instance,
 * that is dead too, and another is opened.
 */
export async function survivor(
  { store, open }: Pick<CaseContext<Scheduler>, "store" | "open">,
  job: string,
): Promise<Scheduler> {
  try {
    await store.status(job);
    return store;
  } catch (error) {
    if (!isRmtcError(error, "RMTC_PROCESS_FAILED")) throw error;
    return await open();
  }
}

/** Watches a job until something is so, or it has ended; returns the last status. */
export async function until(
  { store, size }: Context,
  job: string,
  isSo: (status: JobStatus) => boolean,
  on: Scheduler = store,
): Promise<JobStatus> {
  const watch = async (): Promise<JobStatus> => {
    let last: JobStatus | undefined;
    for await (const status of on.watch(job)) {
      last = status;
      if (isSo(status)) break;
    }
    assert.ok(last, "the watch showed nothing");
    return last;
  };
  return await within(size(60_000, 4_000), `A change of job ${job}`, watch());
}

/** Waits until so many elements of a job run. */
export async function running(context: Context, job: string, count = 1): Promise<JobStatus> {
  const status = await until(context, job, ({ tasks }) => runningCount(tasks) >= count);
  assert.ok(runningCount(status.tasks) >= count, `it ended before ${count} elements ran at once`);
  return status;
}

/** Waits until a file of the folder has a line. */
export async function lineIn({ size }: Context, folder: string, file: string): Promise<string> {
  const look = async (): Promise<string> => {
    for (;;) {
      const [line] = await linesOf(folder, file);
      if (line !== undefined) return line;
      await setTimeout(10);
    }
  };
  return await within(size(60_000, 4_000), `A line in ${file}`, look());
}

/** Submits a job of some tasks and runs it to its end. */
export async function runJob(context: Context, tasks: readonly TaskSpec[]): Promise<JobStatus> {
  const { job } = await context.store.submit({ name: "shot", tasks });
  return await ended(context, job);
}

/** Reads a log to its end. */
export async function logOf(
  { store, size }: Context,
  task: TaskReference,
  options: { readonly follow?: boolean } = {},
): Promise<string> {
  const read = async (): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of store.logs(task, options)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  return await within(size(60_000, 4_000), `The end of the log of ${task.task}`, read());
}

/** Shows elements as `name.index state×attempts`. */
export function shown({ tasks }: JobStatus): readonly string[] {
  return tasks.map(({ name, index, state, attempts }) => `${name}.${index} ${state}×${attempts}`);
}

function runningCount(tasks: JobStatus["tasks"]): number {
  return tasks.filter(({ state }) => state === "running").length;
}
