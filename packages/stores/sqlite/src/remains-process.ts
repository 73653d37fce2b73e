// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { open } from "node:fs/promises";
import { serveProcess } from "@rmtc/wire";

const chunkBytes = 8 * 1024 * 1024;

/**
 * Looks for byte sequences in a file.
 *
 * This must not run in a process that has the file open as a database: closing any descriptor of a file gives up
 * all locks that the process holds on it.
 *
 * @see https://sqlite.org/howtocorrupt.html#posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
 */
async function find({ path, remains }: { path: string; remains: readonly Buffer[] }): Promise<boolean> {
  const overlap = Math.max(1, ...remains.map(({ byteLength }) => byteLength)) - 1;
  const buffer = Buffer.allocUnsafe(chunkBytes + overlap);
  await using file = await open(path, "r");
  let kept = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, kept, chunkBytes);
    if (bytesRead === 0) return false;
    const bytes = buffer.subarray(0, kept + bytesRead);
    if (remains.some((one) => bytes.includes(one))) return true;
    const tail = bytes.subarray(Math.max(0, bytes.byteLength - overlap));
    kept = tail.byteLength;
    buffer.set(tail);
  }
}

serveProcess({ find });
