// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdirSync, readFileSync } from "node:fs";

/**
 * Tells whether the process still runs that wrote its `/proc/<pid>/stat` down when it started: the same id is
 * given to other processes later. Where there is no `/proc`, the id alone must do.
 */
export function isProcessAlive(pid: number, statAtStart: string): boolean {
  if (process.platform !== "linux") return signalProcess(pid, 0);
  const now = readStat(pid);
  return now !== undefined && runs(now) && now.startTicks === statFields(statAtStart).startTicks;
}

/**
 * Tells whether a process of a group still runs. The system counts those too whose end nobody has asked about,
 * which can be never; where there is a `/proc`, they don't count here.
 */
export function isGroupAlive(group: number): boolean {
  if (process.platform !== "linux") return signalProcess(-group, 0);
  return readdirSync("/proc").some((name) => {
    if (!/^\d+$/.test(name)) return false;
    const stat = readStat(name);
    return stat?.group === String(group) && runs(stat);
  });
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

interface ProcessStat {
  readonly state: string | undefined;
  readonly group: string | undefined;
  readonly startTicks: string | undefined;
}

function runs({ state }: ProcessStat): boolean {
  return state !== "Z" && state !== "X";
}

function readStat(pid: number | string): ProcessStat | undefined {
  try {
    return statFields(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** Fields 3, 5 and 22 of proc_pid_stat(5). The program's name in parentheses may hold spaces and parentheses. */
function statFields(stat: string): ProcessStat {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0], group: fields[2], startTicks: fields[19] };
}
