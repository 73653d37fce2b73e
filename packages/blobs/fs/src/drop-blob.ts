// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RmtcError } from "@rmtc/contract";
import { blobPath, erasedPath, partialPath } from "./blob-path.ts";
import { type BlobMark, readBlobStatus } from "./blob-state.ts";
import { isSystemError } from "./fs-error.ts";
import { makeFolderOf } from "./publish-blobs.ts";

/**
 * Lets the bytes of a blob go but remembers it. A file registered in place is only forgotten.
 *
 * @throws RMTC_NOT_FOUND, RMTC_BLOB_ERASED in these states.
 */
export function evictBlob(folder: string, hex: string, temp: string): void {
  const { digest, state, sizeBytes } = readBlobStatus(folder, hex);
  if (state === "evicted") return;
  if (state === "neverHeld") {
    throw new RmtcError("RMTC_NOT_FOUND", `${digest} was never held in ${folder}.`, { subject: digest });
  }
  if (state === "erased") {
    throw new RmtcError("RMTC_BLOB_ERASED", `${digest} was erased in ${folder} already.`, {
      subject: digest,
    });
  }
  setMark(blobPath(folder, hex, ".evicted"), temp, { sizeBytes });
  removeBytes(folder, hex);
  syncFolder(dirname(blobPath(folder, hex)));
}

/**
 * Removes the bytes of a blob and sees to it that they never come back, even if they were never held. The mark
 * is on the disk before the bytes go, so a crash in between leaves the blob erased.
 */
export function eraseBlob(folder: string, hex: string, temp: string): void {
  const { state, sizeBytes } = readBlobStatus(folder, hex);
  if (state !== "erased") setMark(erasedPath(folder, hex), temp, { sizeBytes });
  removeBytes(folder, hex);
  rmSync(blobPath(folder, hex, ".evicted"), { force: true });
  rmSync(partialPath(folder, hex), { force: true });
  if (state === "stored" || state === "referenced") syncFolder(dirname(blobPath(folder, hex)));
}

/** Removes bytes that a process killed while it wrote them left beside the mark that they are erased. */
export async function removeErasedBytes(folder: string): Promise<void> {
  for (const shard of await foldersIn(join(folder, "erased"))) {
    for (const rest of await foldersIn(join(folder, "erased", shard))) {
      const path = blobPath(folder, shard + rest);
      await rm(path, { force: true });
      await rm(`${path}.reference`, { force: true });
    }
  }
}

function removeBytes(folder: string, hex: string): void {
  rmSync(blobPath(folder, hex), { force: true });
  rmSync(blobPath(folder, hex, ".reference"), { force: true });
}

function setMark(path: string, temp: string, mark: BlobMark): void {
  writeFileSync(temp, `${JSON.stringify(mark)}\n`, { flag: "wx", mode: 0o444, flush: true });
  const made = makeFolderOf(path);
  renameSync(temp, path);
  for (const folder of made) syncFolder(folder);
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}
