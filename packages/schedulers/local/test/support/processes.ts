// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Returns the process ids of what started for a job's tasks: the leaders of their process groups. */
export function taskPids(folder: string, job: string): readonly number[] {
  const attempts = join(folder, "jobs", job, "attempts");
  return readdirSync(attempts)
    .filter((name) => name.endsWith(".pid"))
    .map((name) => Number.parseInt(readFileSync(join(attempts, name), "utf8"), 10));
}

/** Returns the process id of the supervisor: the parent of a task's process. */
export function supervisorPid(folder: string, job: string): number {
  const [pid] = taskPids(folder, job);
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** Returns the ids of all processes of a process group that are no zombies. */
export function groupMembers(group: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [state, , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return Number(processGroup) === group && state !== "Z" && state !== "X";
      } catch {
        return false;
      }
    });
}
