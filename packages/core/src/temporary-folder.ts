// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Workspace } from "./workspace.ts";

/**
 * A folder for files on their way into the blob store. It goes when it is disposed of; what a killed process
 * left is removed by the next one on that machine.
 */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(workspace: Workspace): Promise<TemporaryFolder> {
    const root = join(workspace.folder, ".rmtc", "tmp");
    await mkdir(root, { recursive: true });
    const machine = await machineName();
    for (const name of await readdir(root)) {
      const [, madeOn, pid] = /^([0-9a-f]{12})-(\d+)-/.exec(name) ?? [];
      if (madeOn === machine && !isAlive(Number(pid))) {
        await rm(join(root, name), { recursive: true, force: true });
      }
    }
    return new TemporaryFolder(await mkdtemp(join(root, `${machine}-${process.pid}-`)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** The same for all processes that see one another's ids: the host and, on Linux, the process-id namespace. */
async function machineName(): Promise<string> {
  const namespace = process.platform === "linux" ? await readlink("/proc/self/ns/pid") : "";
  return createHash("sha256").update(`${hostname()} ${namespace}`).digest("hex").slice(0, 12);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
