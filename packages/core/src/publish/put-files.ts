// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { basename, extname } from "node:path";
import { type PutFileMode, RmtcError } from "@rmtc/contract";
import { type File, mediaTypes } from "@rmtc/spec";
import type { Workspace } from "../workspace.ts";

/** The registered media type for a path, by its suffix. */
export function mediaTypeOf(path: string): string {
  const suffix = extname(path).toLowerCase();
  const known = suffix === "" ? undefined : mediaTypes.find((entry) => entry.suffix === suffix);
  return known?.mediaType ?? "application/octet-stream";
}

/**
 * Takes files into the blob store and describes them for records; a file's name is its path there.
 */
export async function putFiles(
  workspace: Workspace,
  paths: readonly string[],
  options: {
    readonly mode?: PutFileMode | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?:
      | ((progress: { readonly files: number; readonly sizeBytes: number }) => void)
      | undefined;
  } = {},
): Promise<File[]> {
  if (paths.length === 0) return [];
  const { mode = "copy", signal, onProgress } = options;
  const results = await workspace.blobs.putFiles(
    { files: paths.map((path) => ({ path })), mode },
    { signal, onProgress },
  );
  return results.map(({ path, digest, sizeBytes }) => ({
    path: basename(path),
    mediaType: mediaTypeOf(path),
    sizeBytes,
    digest,
  }));
}

/** Refuses files of one record that have the same name. */
export function requireDistinctNames(paths: readonly string[]): void {
  const seen = new Set<string>();
  for (const path of paths) {
    const name = basename(path);
    if (seen.has(name)) {
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `Two files of one record are called ${name}. Rename one of them.`,
        { subject: path },
      );
    }
    seen.add(name);
  }
}
