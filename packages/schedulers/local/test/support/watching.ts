// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions, JobStatus, Scheduler, TaskReference, TaskStatus } from "@rmtc/contract";

/** Watches a job until it has ended. */
export async function ended(scheduler: Scheduler, job: string): Promise<JobStatus> {
  return await until(scheduler, job, () => false);
}

/** Watches a job until something is so, or it has ended; returns the last status seen. */
export async function until(
  scheduler: Scheduler,
  job: string,
  isSo: (status: JobStatus) => boolean,
  options: CallOptions = {},
): Promise<JobStatus> {
  let last: JobStatus | undefined;
  for await (const status of scheduler.watch(job, options)) {
    last = status;
    if (isSo(status)) break;
  }
  if (last === undefined) throw new Error(`The watch of ${job} showed nothing.`);
  return last;
}

/** Watches a job until so many of its tasks run. */
export async function untilRunning(scheduler: Scheduler, job: string, count = 1): Promise<JobStatus> {
  return await until(scheduler, job, ({ tasks }) => tasks.filter(isRunning).length === count);
}

export function isRunning({ state }: TaskStatus): boolean {
  return state === "running";
}

/** Shows the states of tasks as `name.index state×attempts`. */
export function shown({ tasks }: JobStatus): readonly string[] {
  return tasks.map(({ name, index, state, attempts }) => `${name}.${index} ${state}×${attempts}`);
}

/** Reads a task's log to its end. */
export async function logOf(scheduler: Scheduler, task: TaskReference, follow = false): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of scheduler.logs(task, { follow })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
