// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFileSync } from "node:fs";

/**
 * Tells whether the process still runs that wrote its `/proc/<pid>/stat` down when it started: the same id is
 * given to other processes later. Where there is no `/proc`, the id alone must do.
 */
export function isProcessAlive(pid: number, statAtStart: string): boolean {
  if (process.platform !== "linux") return signalProcess(pid, 0);
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return false;
  }
  const now = statFields(stat);
  return now.state !== "Z" && now.state !== "X" && now.startTicks === statFields(statAtStart).startTicks;
}

/** Sends a signal to a process, or with a negative id to a group; returns whether there is one. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Fields 3 and 22 of proc_pid_stat(5). The program's name in parentheses may hold spaces and parentheses. */
function statFields(stat: string): {
  readonly state: string | undefined;
  readonly startTicks: string | undefined;
} {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0], startTicks: fields[19] };
}
