// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { fdatasync, readSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

/**
 * Larger chunks are slower: copying a GiB on ext4 takes the kernel 0.4 s with writes of up to 128 KiB, 0.9 s with
 * 256 KiB, 1.2 s with 1 MiB. Calls that wait cost less than handing each chunk to another thread, by 0.5 s.
 */
const CHUNK_BYTES = 128 * 1024;
/** For so long at most, the thread works without a look at messages such as an abort. */
const BUSY_MS = 20;
/** Written bytes go to the disk in steps, while more are written, not all at the end. */
const FLUSH_BYTES = 64 * 1024 * 1024;

export interface HashedFile {
  /** 64 lower-case hexadecimal digits of the SHA-256. */
  readonly hex: string;
  readonly sizeBytes: number;
}

/**
 * Hashes an open file from its start, and copies it to another on the way, if one is given; the copy is on the
 * disk when the call returns. For worker threads: it occupies its thread, but for pauses.
 */
export async function hashFile(
  source: number,
  target: number | undefined,
  signal: AbortSignal,
): Promise<HashedFile> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let sizeBytes = 0;
  let unflushedBytes = 0;
  let flushing = Promise.resolve();
  let busySince = performance.now();
  try {
    for (;;) {
      const bytesRead = readSync(source, buffer, 0, CHUNK_BYTES, sizeBytes);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      if (target !== undefined) writeAllSync(target, chunk);
      hash.update(chunk);
      sizeBytes += bytesRead;
      unflushedBytes += bytesRead;
      if (target !== undefined && unflushedBytes >= FLUSH_BYTES) {
        await flushing;
        flushing = flush(target);
        unflushedBytes = 0;
      }
      if (performance.now() - busySince > BUSY_MS) {
        await setImmediate();
        signal.throwIfAborted();
        busySince = performance.now();
      }
    }
    await flushing;
    if (target !== undefined) await flush(target);
    return { hex: hash.digest("hex"), sizeBytes };
  } finally {
    // Nobody may close a file that is being flushed.
    await Promise.allSettled([flushing]);
  }
}

/** Writes all of a chunk where the file stands. */
export function writeAllSync(target: number, chunk: Uint8Array): void {
  let written = 0;
  while (written < chunk.byteLength) {
    written += writeSync(target, chunk, written, chunk.byteLength - written);
  }
}

function flush(descriptor: number): Promise<void> {
  const flushed = new Promise<void>((resolve, reject) => {
    fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)));
  });
  // Awaited later: until then a failure is no unhandled one.
  flushed.catch(() => undefined);
  return flushed;
}
