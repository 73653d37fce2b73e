// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isSystemError } from "./fs-error.ts";
import { isAlive, ownIdentity } from "./process-identity.ts";

/** Leftovers of an owner that cannot be seen from this machine are kept for so long. */
const STRANGER_AGE_MS = 7 * 24 * 3600 * 1000;
/** Unfinished uploads that nobody went on with are kept for so long. */
const PARTIAL_AGE_MS = 30 * 24 * 3600 * 1000;
/** File name prefix of an upload that can be gone on with. */
const PARTIAL_PREFIX = "partial-";

/** The folder for unfinished files of one open store in one process. It is made on first use. */
export class TempFolder {
  readonly path: string;
  #made: Promise<unknown> | undefined;
  #lastName = 0;

  constructor(folder: string) {
    const { machine, pid, startTicks } = ownIdentity();
    const owner = `${machine}-${pid}-${startTicks}-${randomBytes(4).toString("hex")}`;
    this.path = join(folder, "tmp", owner);
  }

  /** Returns a path in the folder that was never used before. */
  async newPath(prefix: string): Promise<string> {
    this.#made ??= mkdir(this.path, { recursive: true });
    try {
      await this.#made;
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
    this.#lastName += 1;
    return join(this.path, `${prefix}${this.#lastName}`);
  }

  /** Returns a path for an upload that {@link cleanLeftovers} saves for the next one who goes on with it. */
  async newPartialPath(hex: string): Promise<string> {
    return await this.newPath(`${PARTIAL_PREFIX}${hex}-`);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /** Removes it, and `tmp` with it when nobody else has a folder there. */
  async removeWithParent(): Promise<void> {
    await this.remove();
    try {
      await rmdir(dirname(this.path));
    } catch (error) {
      if (!isSystemError(error, "ENOENT", "ENOTEMPTY", "EEXIST")) throw error;
    }
  }
}

/**
 * Removes what dead processes left in a store's `tmp`, and saves their unfinished uploads. Returns whether it
 * found any.
 */
export async function cleanLeftovers(folder: string): Promise<boolean> {
  let found = false;
  for (const owner of await namesIn(join(folder, "tmp"))) {
    const path = join(folder, "tmp", owner);
    if (!(await isLeftover(path, owner))) continue;
    found = true;
    for (const name of await namesIn(path)) {
      const [, hex] = /^partial-([0-9a-f]{64})-/.exec(name) ?? [];
      if (hex !== undefined) await keepPartial(folder, hex, join(path, name));
    }
    await rm(path, { recursive: true, force: true });
  }
  for (const name of await namesIn(join(folder, "partial"))) {
    const path = join(folder, "partial", name);
    if (await isOlder(path, PARTIAL_AGE_MS)) await rm(path, { force: true });
  }
  return found;
}

/** Puts an unfinished upload where the next one who goes on with it looks for it. */
export async function keepPartial(folder: string, hex: string, temp: string): Promise<void> {
  await mkdir(join(folder, "partial"), { recursive: true });
  await rename(temp, join(folder, "partial", hex));
}

async function isLeftover(path: string, owner: string): Promise<boolean> {
  const [, machine, pid, startTicks] = /^([0-9a-f]{12})-(\d+)-(\d+)-[0-9a-f]{8}$/.exec(owner) ?? [];
  if (machine === undefined) return false;
  const alive = isAlive({ machine, pid: Number(pid), startTicks: Number(startTicks) });
  return alive === undefined ? await isOlder(path, STRANGER_AGE_MS) : !alive;
}

async function isOlder(path: string, ageMs: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > ageMs;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return false;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}
