// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** Small enough to stay in a processor's cache between reading and hashing. */
const CHUNK_BYTES = 1024 * 1024;
/** Written bytes go to the disk in steps, while the next are hashed, not all at the end. */
const FLUSH_BYTES = 64 * 1024 * 1024;

export interface HashedStream {
  /** 64 lower-case hexadecimal digits of the SHA-256. */
  readonly hex: string;
  readonly sizeBytes: number;
}

/**
 * Hashes an open file from its start, and copies it to another on the way, if one is given. Reading the next
 * chunk and writing the last one go on while one is hashed. The copy is on the disk when the call returns.
 */
export async function hashStream(
  source: FileHandle,
  target: FileHandle | undefined,
  signal: AbortSignal | undefined,
): Promise<HashedStream> {
  const hash = createHash("sha256");
  const buffers = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)] as const;
  let sizeBytes = 0;
  let unflushedBytes = 0;
  let reading = handled(source.read(buffers[0], 0, CHUNK_BYTES, 0));
  let writing: Promise<void> = Promise.resolve();
  let flushing: Promise<void> = Promise.resolve();
  try {
    for (let turn: 0 | 1 = 0; ; turn = turn === 0 ? 1 : 0) {
      signal?.throwIfAborted();
      const { bytesRead } = await reading;
      await writing;
      if (bytesRead === 0) break;
      const chunk = buffers[turn].subarray(0, bytesRead);
      if (target !== undefined) {
        writing = handled(writeAll(target, chunk, sizeBytes));
        unflushedBytes += bytesRead;
        if (unflushedBytes >= FLUSH_BYTES) {
          await flushing;
          flushing = handled(target.datasync());
          unflushedBytes = 0;
        }
      }
      sizeBytes += bytesRead;
      reading = handled(source.read(buffers[turn === 0 ? 1 : 0], 0, CHUNK_BYTES, sizeBytes));
      hash.update(chunk);
    }
    await flushing;
    await target?.datasync();
    return { hex: hash.digest("hex"), sizeBytes };
  } finally {
    await Promise.allSettled([reading, writing, flushing]);
  }
}

/** Writes all of a chunk at a position. */
export async function writeAll(target: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    const { bytesWritten } = await target.write(
      chunk,
      written,
      chunk.byteLength - written,
      position + written,
    );
    written += bytesWritten;
  }
}

/** Marks a promise that is awaited later as one whose rejection will be handled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
