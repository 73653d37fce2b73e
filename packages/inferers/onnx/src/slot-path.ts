// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Linux keeps files in memory. */
const SHARED_MEMORY = "/dev/shm";

/** Where a slot file goes. */
export interface SlotPath {
  readonly path: string;
  /** Whether the file lies in memory, so that no call on it waits for a disk. */
  readonly inMemory: boolean;
}

/** Chooses a new path for a slot file: in memory where there is room for twice its size, else in the temporary folder. */
export async function slotPath(byteLength: number): Promise<SlotPath> {
  const name = `rmtc-slot-${randomUUID()}.safetensors`;
  const inMemory = await hasRoom(SHARED_MEMORY, 2 * byteLength);
  return { path: join(inMemory ? SHARED_MEMORY : tmpdir(), name), inMemory };
}

async function hasRoom(folder: string, byteLength: number): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize >= byteLength;
  } catch {
    return false;
  }
}
