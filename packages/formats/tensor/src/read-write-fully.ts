// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { RmtcError } from "@rmtc/contract";
import { fileError } from "./file-error.ts";

/** Most bytes one system call moves, so that an abort is seen soon. */
const sliceBytes = 2 ** 24;

/**
 * Opens a regular file for reading; a pipe or device, which could keep the reader waiting, is refused.
 *
 * @throws RMTC_NOT_FOUND when there is no regular file at `path`.
 * @throws RMTC_ACCESS_DENIED when the system refuses.
 */
export async function openRegularFile(
  path: string,
  flags: number = constants.O_RDONLY,
): Promise<{ readonly handle: FileHandle; readonly fileBytes: number }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, flags | (constants.O_NONBLOCK ?? 0));
    const stat = await handle.stat();
    if (!stat.isFile()) {
      throw new RmtcError("RMTC_NOT_FOUND", `There is no regular file at ${path}.`, { subject: path });
    }
    return { handle, fileBytes: stat.size };
  } catch (error) {
    await handle?.close();
    throw fileError(error, path);
  }
}

/**
 * Reads as many bytes as `target` holds, from byte `position` of the file.
 *
 * @throws RMTC_FORMAT_INVALID when the file ends before.
 */
export async function readFully(
  handle: FileHandle,
  target: Uint8Array,
  position: number,
  signal?: AbortSignal,
): Promise<void> {
  for (let done = 0; done < target.byteLength; ) {
    signal?.throwIfAborted();
    const length = Math.min(sliceBytes, target.byteLength - done);
    const { bytesRead } = await handle.read(target, done, length, position + done);
    if (bytesRead === 0) {
      const message = `The file ends at byte ${position + done}; ${target.byteLength - done} more were expected.`;
      throw new RmtcError("RMTC_FORMAT_INVALID", message);
    }
    done += bytesRead;
  }
}

/** Writes all of `source` at byte `position` of the file. */
export async function writeFully(
  handle: FileHandle,
  source: Uint8Array,
  position: number,
  signal?: AbortSignal,
): Promise<void> {
  for (let done = 0; done < source.byteLength; ) {
    signal?.throwIfAborted();
    const length = Math.min(sliceBytes, source.byteLength - done);
    const { bytesWritten } = await handle.write(source, done, length, position + done);
    done += bytesWritten;
  }
}
