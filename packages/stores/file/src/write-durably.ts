// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";

const temporary = /^\.rmtc-[0-9a-f]{16}$/;
/** Whoever is still writing after an hour has died. */
const deadAfterMilliseconds = 3_600_000;

/** Writes a file so that it is there whole or not at all, also after a power failure. */
export async function writeDurably(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = join(folder, `.rmtc-${randomBytes(8).toString("hex")}`);
  try {
    const file = await open(path, "wx", 0o664);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(path, join(folder, name));
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

/** Makes a folder and those around it up to `root`, and their names durable. */
export async function makeFolder(root: string, folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made === undefined) return;
  for (let at = dirname(folder); at.length >= root.length; at = dirname(at)) await syncFolder(at);
}

/** Makes the names in a folder durable, where the system can do that. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  try {
    await handle?.sync();
  } catch {
    // Some network file systems cannot; there the names are durable when the server says that they are there.
  } finally {
    await handle?.close();
  }
}

/** Removes the temporary files that dead writers left behind in a folder. */
export async function removeDeadFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => temporary.test(one))) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > deadAfterMilliseconds) {
      await unlink(path).catch(() => undefined);
    }
  }
}
