// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Names one process on one machine for as long as that machine runs: process ids are used again. */
export interface ProcessIdentity {
  /** The same for all processes that see one another's process ids. */
  readonly machine: string;
  readonly pid: number;
  /** When it started, in the machine's own clock ticks; 0 where that cannot be known. */
  readonly startTicks: number;
}

/** Returns the identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return { machine: machineName(), pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0 };
}

/** Tells whether a process still runs; `undefined` when it ran on another machine or before a restart. */
export function isAlive(identity: ProcessIdentity): boolean | undefined {
  if (identity.machine !== machineName()) return undefined;
  const startTicks = startTicksOf(identity.pid);
  return startTicks === identity.startTicks;
}

/** Boot and process-id namespace; elsewhere than on Linux the host's name. */
function machineName(): string {
  let text = hostname();
  if (process.platform === "linux") {
    text = readFileSync("/proc/sys/kernel/random/boot_id", "utf8") + readlinkSync("/proc/self/ns/pid");
  }
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** Field 22 of `/proc/<pid>/stat` (proc_pid_stat(5)); `undefined` when no such process runs. */
function startTicksOf(pid: number): number | undefined {
  if (process.platform !== "linux") {
    try {
      process.kill(pid, 0);
      return 0;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM" ? 0 : undefined;
    }
  }
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The program's name stands in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  return state === "Z" || state === "X" ? undefined : Number(fields[19]);
}
