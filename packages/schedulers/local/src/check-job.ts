// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isAbsolute } from "node:path";
import { type JobSpec, RmtcError, type TaskSpec } from "@rmtc/contract";

/** The most elements that the task arrays of one job may have together. */
const MAXIMUM_ELEMENTS = 50_000;

/**
 * Checks a job before it is taken.
 *
 * @throws RMTC_OPTION_INVALID when names repeat, `after` names nothing, the graph has a cycle, or a number or
 * path is not possible.
 * @throws RMTC_UNSUPPORTED when it names a facility.
 */
export function checkJob(job: JobSpec): void {
  if (job.facility !== undefined) {
    throw new RmtcError(
      "RMTC_UNSUPPORTED",
      `The local scheduler knows no facility “${job.facility}”; submit without one, or to another scheduler.`,
      { pointer: "/facility" },
    );
  }
  if (job.priority !== undefined && !Number.isFinite(job.priority)) refuse("/priority", "is no number");
  if (job.tasks.length === 0) refuse("/tasks", "is empty");
  const names = new Set<string>();
  let elements = 0;
  for (const [place, task] of job.tasks.entries()) {
    checkTask(task, `/tasks/${place}`);
    if (names.has(task.name)) refuse(`/tasks/${place}/name`, `repeats “${task.name}”`);
    names.add(task.name);
    elements += task.count ?? 1;
  }
  if (elements > MAXIMUM_ELEMENTS) {
    throw new RmtcError(
      "RMTC_LIMIT_EXCEEDED",
      `The job has ${elements} tasks; split it into jobs of at most ${MAXIMUM_ELEMENTS}.`,
      { pointer: "/tasks" },
    );
  }
  for (const [place, task] of job.tasks.entries()) {
    for (const [number, name] of (task.after ?? []).entries()) {
      if (!names.has(name)) refuse(`/tasks/${place}/after/${number}`, `names no task of the job: “${name}”`);
    }
  }
  checkOrder(job.tasks);
}

function checkTask(task: TaskSpec, pointer: string): void {
  if (task.name === "") refuse(`${pointer}/name`, "is empty");
  if (task.command.length === 0 || task.command[0] === "") refuse(`${pointer}/command`, "names no program");
  if (task.command.some((part) => part.includes("\0")))
    refuse(`${pointer}/command`, "holds a zero character");
  if (!isWhole(task.count ?? 1, 1)) refuse(`${pointer}/count`, "is no whole number of 1 or more");
  if (!isWhole(task.slots ?? 1, 1)) refuse(`${pointer}/slots`, "is no whole number of 1 or more");
  if (!isWhole(task.retries ?? 0, 0)) refuse(`${pointer}/retries`, "is no whole number of 0 or more");
  if (task.timeoutSeconds !== undefined && !(task.timeoutSeconds > 0)) {
    refuse(`${pointer}/timeoutSeconds`, "is not more than 0");
  }
  if (task.workingFolder !== undefined && !isAbsolute(task.workingFolder)) {
    refuse(`${pointer}/workingFolder`, "is no absolute path");
  }
}

/** Takes away tasks that wait for none of the rest, until none is left (Kahn's algorithm). */
function checkOrder(tasks: readonly TaskSpec[]): void {
  let rest = tasks;
  while (rest.length > 0) {
    const names = new Set(rest.map((task) => task.name));
    const next = rest.filter((task) => task.after?.some((name) => names.has(name)) === true);
    if (next.length === rest.length) {
      const cycle = next.map((task) => `“${task.name}”`).join(", ");
      refuse("/tasks", `has a cycle: ${cycle} wait for one another`);
    }
    rest = next;
  }
}

function isWhole(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}

function refuse(pointer: string, what: string): never {
  throw new RmtcError("RMTC_OPTION_INVALID", `The job's ${pointer} ${what}.`, { pointer });
}
