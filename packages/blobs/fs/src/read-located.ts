// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type ByteRange, RmtcError } from "@rmtc/contract";
import { abortable } from "./abortable.ts";
import { sameStamp, stampOf } from "./file-stamp.ts";
import type { BlobLocation } from "./locate-blob.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * Opens a file that was located. For one registered in place, the stamp must still be the one that was found
 * good; `undefined` says it is not, or that the file went away in between.
 */
export async function openLocated(location: BlobLocation): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(location.path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  if (await isUnchanged(handle, location)) return handle;
  await handle.close();
  return undefined;
}

/**
 * Streams an open file, or a range of it.
 *
 * @throws RMTC_DIGEST_MISMATCH after the last chunk when a file registered in place changed meanwhile.
 */
export async function* readLocated(
  handle: FileHandle,
  location: BlobLocation,
  range: ByteRange | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const end = range?.end ?? Number.POSITIVE_INFINITY;
  let position = range?.start ?? 0;
  while (position < end) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, end - position));
    const { bytesRead } = await abortable(handle.read(buffer, 0, buffer.byteLength, position), signal);
    if (bytesRead === 0) break;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
  if (!(await isUnchanged(handle, location))) {
    throw new RmtcError("RMTC_DIGEST_MISMATCH", `${location.path} was changed while it was read.`, {
      subject: location.path,
    });
  }
}

async function isUnchanged(handle: FileHandle, location: BlobLocation): Promise<boolean> {
  if (location.stamp === undefined) return true;
  const stat = await handle.stat({ bigint: true });
  return stat.isFile() && sameStamp(stampOf(stat), location.stamp);
}
