// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, mkdtemp, readdir, readlink, rm, statfs } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { BulkFiles } from "./bulk-files.ts";

/** Where Linux keeps files in memory. */
const sharedMemory = "/dev/shm";

/** With less room than this the temporary folder is used. */
const wantedBytes = 2 ** 30;

const prefix = "rmtc-wire-";

/**
 * A folder of the host's for bulk data, and the names of the files in it.
 *
 * It goes with its owner; what a killed host and a killed guest left is removed by the next host on the machine.
 */
export class ExchangeFolder extends BulkFiles implements AsyncDisposable {
  readonly #free: string[] = [];
  #names = 0;

  /** Makes an empty folder that only this user can enter. */
  static async create(): Promise<ExchangeFolder> {
    const root = (await hasRoom()) ? sharedMemory : tmpdir();
    const machine = await machineName();
    await sweep(root, machine);
    const folder = await mkdtemp(join(root, `${prefix}${machine}-${process.pid}-`));
    await chmod(folder, 0o700);
    return new ExchangeFolder(folder);
  }

  /** Takes a name that nobody uses now; its file may exist, from an earlier use. */
  take(): string {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    this.#names += 1;
    return `bulk-${this.#names}`;
  }

  /** Gives a name back, when the other side has finished with the file. */
  give(name: string): void {
    this.#free.push(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function hasRoom(): Promise<boolean> {
  try {
    await access(sharedMemory, constants.W_OK);
    const { bavail, bsize } = await statfs(sharedMemory);
    return bavail * bsize >= wantedBytes;
  } catch {
    return false;
  }
}

/** Removes the folders of hosts that are gone. */
async function sweep(root: string, machine: string): Promise<void> {
  for (const name of await readdir(root)) {
    const [, madeOn, pid] = /^rmtc-wire-([0-9a-f]{12})-(\d+)-/.exec(name) ?? [];
    if (madeOn !== machine || isAlive(Number(pid))) continue;
    await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined);
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
