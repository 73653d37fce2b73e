// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { StoredRecord } from "@rmtc/contract";
import { fileError } from "./file-error.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Writes the files of records to a folder under their paths, replacing what is there, and returns the absolute
 * paths. A file is written aside and renamed, so that a reader never sees half of it.
 *
 * @throws RMTC_BLOB_EVICTED, RMTC_NOT_FOUND when a file's bytes are not held.
 * @throws RMTC_ACCESS_DENIED, RMTC_PATH_INVALID when the folder cannot be written.
 */
export async function checkout(
  workspace: Workspace,
  records: readonly StoredRecord[],
  folder: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const root = resolve(folder);
  const written: string[] = [];
  for (const { record } of records) {
    for (const file of record.files ?? []) {
      const path = join(root, file.path);
      const aside = `${path}.${process.pid}.part`;
      try {
        await mkdir(dirname(path), { recursive: true });
        await pipeline(
          workspace.blobs.read(file.digest, { signal }),
          createWriteStream(aside, { flush: true }),
          { signal },
        );
        await rename(aside, path);
      } catch (error) {
        throw fileError(error, path);
      } finally {
        await rm(aside, { force: true }).catch(() => undefined);
      }
      written.push(path);
    }
  }
  return written;
}
