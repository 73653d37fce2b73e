// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { open } from "node:fs/promises";
import type { BlobDamage } from "@rmtc/contract";
import { blobPath } from "./blob-path.ts";
import { readBlobStatus } from "./blob-state.ts";
import { isSystemError } from "./fs-error.ts";
import { hashFile } from "./hash-file.ts";
import { readReferences } from "./reference-file.ts";

/** Hashes a blob again, at every place; returns what is wrong. What was let go on purpose is no damage. */
export async function verifyBlob(
  folder: string,
  hex: string,
  signal: AbortSignal,
): Promise<readonly BlobDamage[]> {
  const { digest, state } = readBlobStatus(folder, hex);
  if (state === "evicted" || state === "erased") return [];
  if (state === "neverHeld") return [{ digest, message: `${folder} holds no bytes of ${digest}.` }];
  const paths =
    state === "stored"
      ? [blobPath(folder, hex)]
      : readReferences(blobPath(folder, hex, ".reference")).map((reference) => reference.path);
  const damages: BlobDamage[] = [];
  for (const path of paths) {
    const found = await digestAt(path, signal);
    if (found !== hex) damages.push({ digest, path, message: messageOf(path, found) });
  }
  return damages;
}

/** Returns a file's SHA-256, or the error that kept it from being read. */
async function digestAt(path: string, signal: AbortSignal): Promise<string | NodeJS.ErrnoException> {
  try {
    await using source = await open(path, "r");
    return (await hashFile(source.fd, undefined, signal)).hex;
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EISDIR", "ELOOP", "EIO", "EACCES", "EPERM")) return error;
    throw error;
  }
}

function messageOf(path: string, found: string | NodeJS.ErrnoException): string {
  if (typeof found === "string") return `${path} has the digest sha256:${found}.`;
  if (found.code === "ENOENT") return `${path} is gone.`;
  return `${path} cannot be read: ${found.message}.`;
}
