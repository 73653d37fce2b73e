// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/**
 * Ends every process that this one has started itself with SIGKILL, and waits until they are gone: the `kill` of a
 * subject that works in child processes. Their own children go on.
 *
 * It needs the folder `/proc` of Linux.
 */
export async function killChildProcesses(): Promise<void> {
  await killAll(await childrenOf("self"));
}

/** Ends guests and the processes that they have started, as {@link killChildProcesses} does for those of this one. */
export async function killGuestProcesses(): Promise<void> {
  const guests = await childrenOf("self");
  await killAll([...guests, ...(await Promise.all(guests.map(childrenOf))).flat()]);
}

async function killAll(processes: readonly number[]): Promise<void> {
  for (const one of processes) process.kill(one, "SIGKILL");
  while ((await childrenOf("self")).some((child) => processes.includes(child))) await setTimeout(5);
  for (const one of processes) while (await runs(one)) await setTimeout(5);
}

/** Tells whether a process runs a program; one that nobody has waited for yet does not. */
async function runs(id: number): Promise<boolean> {
  return await readlink(`/proc/${id}/exe`).then(
    () => true,
    () => false,
  );
}

async function childrenOf(id: number | "self"): Promise<readonly number[]> {
  const tasks = `/proc/${id}/task`;
  const threads = await readdir(tasks).catch(() => []);
  const lists = threads.map((thread) => readFile(join(tasks, thread, "children"), "utf8").catch(() => ""));
  return (await Promise.all(lists)).join(" ").split(" ").filter(Boolean).map(Number);
}
