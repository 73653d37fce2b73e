// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { CallOptions } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";

const chunkBytes = 1024 * 1024;

/**
 * Computes a file's SHA-256 and length, reading the next megabyte while it hashes the one before.
 *
 * Failures to open or read pass through as they are.
 */
export async function digestFile(
  path: string,
  options: CallOptions = {},
): Promise<{ readonly digest: Digest; readonly sizeBytes: number }> {
  const { signal } = options;
  signal?.throwIfAborted();
  await using file = await open(path, "r");
  const hasher = createHash("sha256");
  const chunks: [Buffer, Buffer] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
  let sizeBytes = 0;
  let reading = file.read(chunks[0], 0, chunkBytes);
  for (let turn = 1; ; turn++) {
    const { bytesRead, buffer } = await reading;
    if (bytesRead === 0) break;
    sizeBytes += bytesRead;
    signal?.throwIfAborted();
    reading = file.read(chunks[turn & 1] as Buffer, 0, chunkBytes);
    hasher.update(buffer.subarray(0, bytesRead));
  }
  return { digest: `sha256:${hasher.digest("hex")}`, sizeBytes };
}
