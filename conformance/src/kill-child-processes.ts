// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/**
 * Ends every process that this one has started itself with SIGKILL, and waits until they are gone: the `kill` of a
 * subject that works in child processes. Their own children go on.
 *
 * It needs the folder `/proc` of Linux.
 */
export async function killChildProcesses(): Promise<void> {
  const children = await childProcesses();
  for (const child of children) process.kill(child, "SIGKILL");
  while ((await childProcesses()).some((child) => children.includes(child))) await setTimeout(5);
}

async function childProcesses(): Promise<readonly number[]> {
  const tasks = "/proc/self/task";
  const lists = await Promise.all(
    (await readdir(tasks)).map((thread) => readFile(join(tasks, thread, "children"), "utf8").catch(() => "")),
  );
  return lists.join(" ").split(" ").filter(Boolean).map(Number);
}
