// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { RmtcError } from "@rmtc/contract";
import { blobPath, erasedPath } from "./blob-path.ts";
import { addReference, type Reference } from "./reference-file.ts";

/** One blob whose bytes are safe in a temporary file or registered in place, and now get their name. */
export interface BlobToPublish {
  readonly hex: string;
  /** Path of the bytes, on the store's file system. */
  readonly temp?: string | undefined;
  readonly reference?: Reference | undefined;
}

/** Makes the folder of a file that has a digest in its path; returns the folders to be synced for its name. */
export function makeFolderOf(path: string): readonly string[] {
  const shard = dirname(path);
  if (mkdirSync(shard, { recursive: true }) === undefined) return [shard];
  return [shard, dirname(shard), dirname(dirname(shard))];
}

/**
 * Gives blobs their names, by one atomic rename each. Returns the files and folders that must be synced.
 *
 * @throws RMTC_BLOB_ERASED when one was erased meanwhile; its bytes are gone then.
 */
export function publishBlobs(folder: string, blobs: readonly BlobToPublish[]): readonly string[] {
  const touched = new Set<string>();
  for (const { hex, temp, reference } of blobs) {
    const path = blobPath(folder, hex);
    if (!touched.has(dirname(path))) for (const made of makeFolderOf(path)) touched.add(made);
    if (temp !== undefined) renameSync(temp, path);
    if (reference !== undefined) {
      const file = blobPath(folder, hex, ".reference");
      if (addReference(file, reference)) touched.add(file);
    }
    withdrawErased(folder, hex);
  }
  return [...touched];
}

/**
 * Takes back what was just published if the blob was erased in between. Erasing sets its mark first and removes
 * the bytes then, so one of the two always finds them.
 */
function withdrawErased(folder: string, hex: string): void {
  if (statSync(erasedPath(folder, hex), { throwIfNoEntry: false }) === undefined) return;
  rmSync(blobPath(folder, hex), { force: true });
  rmSync(blobPath(folder, hex, ".reference"), { force: true });
  throw new RmtcError("RMTC_BLOB_ERASED", `sha256:${hex} was erased here; its bytes never come back.`, {
    subject: `sha256:${hex}`,
  });
}
