// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { workerData } from "node:worker_threads";
import type { BlobDamage, BlobStatus } from "@rmtc/contract";
import { serveThread } from "@rmtc/wire";
import { listHexes, readBlobStatus } from "./blob-state.ts";
import { eraseBlob, evictBlob } from "./drop-blob.ts";
import type { FileStamp } from "./file-stamp.ts";
import { translateFsError } from "./fs-error.ts";
import { type BlobLocation, locateBlob } from "./locate-blob.ts";
import { type BlobToPublish, publishBlobs } from "./publish-blobs.ts";
import { FileStager, type StagedFile, type StageRequest } from "./stage-files.ts";
import { StampIndex } from "./stamp-index.ts";
import { answering } from "./thread-answer.ts";
import { verifyBlob } from "./verify-blob.ts";

/** What a blob thread is started with. */
export interface BlobThreadData {
  readonly folder: string;
}

/** A blob to be evicted or erased, and an unused path for a temporary file. */
export interface DropRequest {
  readonly hex: string;
  readonly temp: string;
}

/** The methods that a blob thread serves: what each takes and returns. Blobs are named by 64 hex digits. */
export interface BlobThreadMethods {
  stage(params: StageRequest): readonly StagedFile[];
  /** Waits for every `stage` into a folder that still runs in the thread. */
  settle(tempFolder: string): undefined;
  publish(params: readonly BlobToPublish[]): readonly string[];
  remember(params: readonly (readonly [FileStamp, string])[]): undefined;
  status(params: readonly string[]): readonly BlobStatus[];
  list(params: { readonly limit: number; readonly after: string | undefined }): readonly BlobStatus[];
  locate(hex: string): BlobLocation;
  evict(request: DropRequest): undefined;
  erase(request: DropRequest): undefined;
  verify(hex: string): readonly BlobDamage[];
}

const { folder } = workerData as BlobThreadData;
const running = new Map<string, Set<Promise<unknown>>>();
let index: StampIndex | undefined;
let stager: FileStager | undefined;

async function stage(request: StageRequest, signal: AbortSignal): Promise<readonly StagedFile[]> {
  index ??= StampIndex.open(folder);
  stager ??= new FileStager(folder, index);
  const work = stager.stage(request, signal);
  const works = running.get(request.tempFolder) ?? new Set();
  running.set(request.tempFolder, works.add(work));
  try {
    return await work;
  } finally {
    works.delete(work);
    if (works.size === 0) running.delete(request.tempFolder);
  }
}

async function settle(tempFolder: string): Promise<undefined> {
  await Promise.allSettled(running.get(tempFolder) ?? []);
}

function list(request: { readonly limit: number; readonly after: string | undefined }): BlobStatus[] {
  return listHexes(folder, request.after)
    .take(request.limit)
    .map((hex) => readBlobStatus(folder, hex))
    .toArray();
}

/** Translates errors that no inner place has: they are about the store's own files. */
function inStore<Params, Result>(
  method: (params: Params, signal: AbortSignal) => Result | Promise<Result>,
): (params: Params, signal: AbortSignal) => Promise<Result> {
  return async (params, signal) => {
    try {
      return await method(params, signal);
    } catch (error) {
      throw translateFsError(error, "store", folder);
    }
  };
}

serveThread({
  stage: answering(inStore(stage)),
  settle: answering(settle),
  publish: answering(inStore((blobs: readonly BlobToPublish[]) => publishBlobs(folder, blobs))),
  remember: answering((files: readonly (readonly [FileStamp, string])[]) => {
    index ??= StampIndex.open(folder);
    index.remember(files);
  }),
  status: answering(inStore((hexes: readonly string[]) => hexes.map((hex) => readBlobStatus(folder, hex)))),
  list: answering(inStore(list)),
  locate: answering(inStore((hex: string, signal) => locateBlob(folder, hex, signal))),
  evict: answering(inStore(({ hex, temp }: DropRequest) => evictBlob(folder, hex, temp))),
  erase: answering(inStore(({ hex, temp }: DropRequest) => eraseBlob(folder, hex, temp))),
  verify: answering(inStore((hex: string, signal) => verifyBlob(folder, hex, signal))),
});
