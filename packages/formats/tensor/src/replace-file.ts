// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileError } from "./file-error.ts";
import { writeFully } from "./read-write-fully.ts";

/** How a file is put in place. */
export interface ReplaceFileOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes `parts` to a new file beside `path`, syncs it, and renames it to `path`.
 *
 * Whoever reads `path` sees the old file or the whole new one, also after `kill -9` and power loss. When it
 * fails, `path` is as it was and the new file is gone.
 *
 * @throws RMTC_NOT_FOUND when the folder does not exist.
 * @throws RMTC_ACCESS_DENIED or RMTC_STORE_FULL when the system refuses.
 */
export async function replaceFile(
  path: string,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: ReplaceFileOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.rmtc-${randomBytes(8).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx");
    try {
      await writeParts(handle, parts, options.signal);
      await handle.sync();
    } finally {
      await handle.close();
    }
    options.signal?.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw fileError(error, path);
  }
  await syncFolder(dirname(path));
}

async function writeParts(
  handle: FileHandle,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let position = 0;
  for await (const part of parts) {
    await writeFully(handle, part, position, signal);
    position += part.byteLength;
  }
}

/** Makes the rename itself durable, where the platform can sync a folder. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
