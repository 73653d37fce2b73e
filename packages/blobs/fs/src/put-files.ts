// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, rm } from "node:fs/promises";
import {
  isRmtcError,
  type PutFileMode,
  type PutFileResult,
  type PutFilesOptions,
  type PutFilesRequest,
} from "@rmtc/contract";
import type { BlobThreads } from "./blob-threads.ts";
import type { BlobToPublish } from "./publish-blobs.ts";
import type { StagedFile } from "./stage-files.ts";
import { syncFiles } from "./sync-files.ts";

/** How many files a thread is given at once, at most. */
const SLICE_FILES = 128;
/** How many blobs get their names, or are remembered, in one call. */
const SLICE_BLOBS = 4096;

/**
 * Takes files in as one batch: hashes and copies them in threads, syncs the copies, gives them their names, and
 * syncs the names. A failure before the names leaves nothing. `tempFolder` is for this batch alone.
 */
export async function putFiles(
  threads: BlobThreads,
  tempFolder: string,
  request: PutFilesRequest,
  options: PutFilesOptions,
): Promise<readonly PutFileResult[]> {
  const paths = request.files.map((file) => file.path);
  await mkdir(tempFolder);
  try {
    const staged = await stageAll(threads, tempFolder, paths, request.mode, options);
    await syncFiles(staged.flatMap(({ temp, synced }) => (temp === undefined || synced ? [] : [temp])));
    options.signal?.throwIfAborted();
    await publishAll(threads, paths, staged, request.mode);
    await rememberAll(threads, staged);
    return staged.map(({ hex, stamp, hashed }, index) => ({
      path: paths[index] ?? "",
      digest: `sha256:${hex}`,
      sizeBytes: stamp.sizeBytes,
      hashed,
    }));
  } finally {
    await rm(tempFolder, { recursive: true, force: true });
  }
}

/** Gives slices of the files to all threads until every file is staged. No thread works on after an error. */
async function stageAll(
  threads: BlobThreads,
  tempFolder: string,
  paths: readonly string[],
  mode: PutFileMode,
  options: PutFilesOptions,
): Promise<readonly StagedFile[]> {
  const staged: StagedFile[] = new Array(paths.length);
  const slices = sliceStarts(paths.length, threads.count);
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const done = { files: 0, sizeBytes: 0 };

  const stageSlices = async (thread: number): Promise<void> => {
    for (let slice = slices.pop(); slice !== undefined; slice = slices.pop()) {
      const files = paths.slice(slice.start, slice.end);
      const some = await threads.call("stage", { mode, files, tempFolder }, { thread, signal });
      for (const [offset, file] of some.entries()) {
        staged[slice.start + offset] = file;
        done.files += 1;
        done.sizeBytes += file.stamp.sizeBytes;
      }
      if (some.length < files.length) slices.push({ start: slice.start + some.length, end: slice.end });
      options.onProgress?.({ ...done });
    }
  };
  const workers = Array.from({ length: Math.min(threads.count, slices.length) }, (_, thread) => thread);
  try {
    await Promise.all(workers.map(stageSlices));
    return staged;
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(workers.map((thread) => threads.call("settle", tempFolder, { thread })));
    throw error;
  }
}

/** Cuts the files into ranges, the first one last, so that it is popped first. */
function sliceStarts(count: number, threads: number): { readonly start: number; readonly end: number }[] {
  const length = Math.min(SLICE_FILES, Math.max(1, Math.ceil(count / (4 * threads))));
  const slices = [];
  for (let start = 0; start < count; start += length) {
    slices.push({ start, end: Math.min(count, start + length) });
  }
  return slices.reverse();
}

async function publishAll(
  threads: BlobThreads,
  paths: readonly string[],
  staged: readonly StagedFile[],
  mode: PutFileMode,
): Promise<void> {
  const blobs = staged.flatMap(({ hex, stamp, temp }, index): BlobToPublish[] => {
    if (mode === "reference") return [{ hex, reference: { path: paths[index] ?? "", stamp } }];
    return temp === undefined ? [] : [{ hex, temp }];
  });
  const touched = new Set<string>();
  for (let start = 0; start < blobs.length; start += SLICE_BLOBS) {
    const named = await threads.call("publish", blobs.slice(start, start + SLICE_BLOBS));
    for (const path of named) touched.add(path);
  }
  await syncFiles([...touched]);
}

async function rememberAll(threads: BlobThreads, staged: readonly StagedFile[]): Promise<void> {
  const settled = staged.filter((file) => file.hashed && file.settled);
  for (let start = 0; start < settled.length; start += SLICE_BLOBS) {
    const some = settled.slice(start, start + SLICE_BLOBS);
    const files = some.map(({ stamp, hex }) => [stamp, hex] as const);
    try {
      await threads.call("remember", files);
    } catch (error) {
      // The files are in; they are hashed again the next time.
      if (!isRmtcError(error, "RMTC_STORE_FULL", "RMTC_STORE_BUSY")) throw error;
    }
  }
}
