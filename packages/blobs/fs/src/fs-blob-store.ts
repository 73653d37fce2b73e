// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import {
  type BlobDamage,
  type BlobStatus,
  type BlobStore,
  type BlobStoreCapabilities,
  type CallOptions,
  type PutFileResult,
  type PutFilesOptions,
  type PutFilesRequest,
  type ReadOptions,
  RmtcError,
  type WriteOptions,
} from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import { abortable } from "./abortable.ts";
import { digestHex } from "./blob-path.ts";
import { BlobThreads } from "./blob-threads.ts";
import { translateFsError } from "./fs-error.ts";
import type { BlobLocation } from "./locate-blob.ts";
import { prepareFolder } from "./prepare-folder.ts";
import { putFiles } from "./put-files.ts";
import { openLocated, readLocated } from "./read-located.ts";
import { TempFolder } from "./temp-folder.ts";
import { verifyBlobs } from "./verify-blobs.ts";
import { type BlobPlace, resumeBlob, writeBlob } from "./write-blob.ts";

/** How a store is opened. */
export interface FsBlobStoreOptions {
  /** Path of the store's folder, made if missing. */
  readonly path: string;
  /** Threads that hash and copy; one for each logical core, but no more than 4, unless given. */
  readonly threads?: number | undefined;
}

/** The longest page that a list gives. */
const LIST_LIMIT = 10_000;
/** How often a reader looks again for a blob that goes away between being found and being opened. */
const OPEN_ATTEMPTS = 5;

/**
 * Keeps blobs as read-only files in a folder, named by their digests, and notes of files registered in place.
 *
 * Many processes, on many machines, may use one folder at a time. A blob gets its name by a rename when its
 * bytes are on the disk, so what has a name is whole.
 */
export class FsBlobStore implements BlobStore {
  readonly name: string = "fs";
  readonly capabilities: BlobStoreCapabilities = {
    durable: true,
    references: true,
    localPaths: true,
    resumable: true,
  };
  readonly #place: BlobPlace;
  readonly #closing: AbortController = new AbortController();
  readonly #works: Set<Promise<unknown>> = new Set();

  private constructor(folder: string, threads: number) {
    this.#place = { folder, threads: new BlobThreads({ folder }, threads), temp: new TempFolder(folder) };
  }

  /**
   * Opens a store and removes what killed processes left unfinished.
   *
   * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version wrote the folder.
   * @throws RMTC_ACCESS_DENIED when the folder cannot be made or read.
   */
  static async open(options: FsBlobStoreOptions): Promise<FsBlobStore> {
    const folder = resolve(options.path);
    try {
      await prepareFolder(folder);
    } catch (error) {
      throw translateFsError(error, "store", folder);
    }
    return new FsBlobStore(folder, options.threads ?? Math.min(4, availableParallelism()));
  }

  async write(bytes: AsyncIterable<Uint8Array>, options: WriteOptions = {}): Promise<BlobStatus> {
    const expected = options.expect === undefined ? undefined : digestHex(options.expect);
    return await this.#work(options, (signal) => writeBlob(this.#place, bytes, expected, signal));
  }

  async putFiles(request: PutFilesRequest, options: PutFilesOptions = {}): Promise<readonly PutFileResult[]> {
    return await this.#work(options, async (signal) => {
      const tempFolder = await this.#place.temp.newPath("batch-");
      return await putFiles(this.#place.threads, tempFolder, request, { ...options, signal });
    });
  }

  async *read(digest: Digest, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const { range, signal } = options;
    const hex = digestHex(digest);
    checkRange(range);
    for (let attempt = 1; ; attempt += 1) {
      const location = await this.#locate(hex, signal);
      const handle = await this.#inStore(location.path, () => openLocated(location));
      if (handle !== undefined) {
        try {
          yield* readLocated(handle, location, range, signal);
          return;
        } finally {
          await handle.close();
        }
      }
      if (attempt === OPEN_ATTEMPTS) {
        throw new RmtcError("RMTC_DIGEST_MISMATCH", `${location.path} changes all the time.`, {
          subject: digest,
        });
      }
    }
  }

  async status(digests: readonly Digest[], options: CallOptions = {}): Promise<readonly BlobStatus[]> {
    return await this.#place.threads.call("status", digests.map(digestHex), options);
  }

  async localPath(digest: Digest, options: CallOptions = {}): Promise<string> {
    return (await this.#locate(digestHex(digest), options.signal)).path;
  }

  async resumeWrite(
    blob: { readonly digest: Digest; readonly sizeBytes: number },
    bytesFrom: (offset: number) => AsyncIterable<Uint8Array>,
    options: CallOptions = {},
  ): Promise<BlobStatus> {
    const { sizeBytes } = blob;
    const hex = digestHex(blob.digest);
    return await this.#work(options, (signal) =>
      resumeBlob(this.#place, { hex, sizeBytes }, bytesFrom, signal),
    );
  }

  verify(
    request: { readonly digests?: readonly Digest[] | undefined },
    options: CallOptions & { readonly onProgress?: ((checked: number) => void) | undefined } = {},
  ): AsyncIterable<BlobDamage> {
    return verifyBlobs(this.#place.threads, request.digests?.map(digestHex), options);
  }

  /** A file registered in place is only forgotten: it belongs to whoever put it there. */
  async evict(digest: Digest, options: CallOptions = {}): Promise<void> {
    await this.#drop("evict", digest, options);
  }

  /** A file registered in place is not touched: whoever erases for good removes it as well. */
  async erase(digest: Digest, options: CallOptions = {}): Promise<void> {
    await this.#drop("erase", digest, options);
  }

  async list(
    request: { readonly limit: number; readonly cursor?: string | undefined },
    options: CallOptions = {},
  ): Promise<{ readonly blobs: readonly BlobStatus[]; readonly next?: string | undefined }> {
    const { limit, cursor } = request;
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RmtcError("RMTC_OPTION_INVALID", `A limit of ${limit} is not possible; give 1 or more.`, {
        pointer: "/limit",
      });
    }
    if (cursor !== undefined && !/^[0-9a-f]{64}$/.test(cursor)) {
      throw new RmtcError(
        "RMTC_CURSOR_INVALID",
        `“${cursor}” is no cursor of this store; start without one.`,
      );
    }
    const most = Math.min(limit, LIST_LIMIT);
    const blobs = await this.#place.threads.call("list", { limit: most, after: cursor }, options);
    const last = blobs.at(-1);
    return blobs.length < most || last === undefined ? { blobs } : { blobs, next: digestHex(last.digest) };
  }

  /** Ends what is running, which leaves no trace, and lets the threads go. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(
      new RmtcError("RMTC_STORE_CLOSED", `The blob store ${this.#place.folder} was closed.`, {
        subject: this.#place.folder,
      }),
    );
    await Promise.allSettled(this.#works);
    await this.#place.threads[Symbol.asyncDispose]();
    await this.#place.temp.remove();
  }

  async #locate(hex: string, signal: AbortSignal | undefined): Promise<BlobLocation> {
    return await this.#place.threads.call("locate", hex, { signal });
  }

  async #drop(method: "evict" | "erase", digest: Digest, options: CallOptions): Promise<void> {
    const hex = digestHex(digest);
    await this.#work(options, async () => {
      const temp = await this.#place.temp.newPath("mark-");
      await this.#place.threads.call(method, { hex, temp });
    });
  }

  /**
   * Runs work that writes. An abort rejects at once; the work itself ends soon after, with its files removed,
   * and closing the store waits for it.
   */
  async #work<T>(options: CallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const closing = this.#closing.signal;
    const signal = options.signal === undefined ? closing : AbortSignal.any([closing, options.signal]);
    signal.throwIfAborted();
    const running = this.#inStore(this.#place.folder, () => work(signal));
    this.#works.add(running);
    const forget = (): unknown => this.#works.delete(running);
    running.then(forget, forget);
    return await abortable(running, signal);
  }

  async #inStore<T>(path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw translateFsError(error, "store", path);
    }
  }
}

function checkRange(range: ReadOptions["range"]): void {
  if (range === undefined) return;
  const { start, end } = range;
  const valid =
    Number.isSafeInteger(start) &&
    start >= 0 &&
    (end === undefined || end === Number.POSITIVE_INFINITY || (Number.isSafeInteger(end) && end >= start));
  if (valid) return;
  throw new RmtcError(
    "RMTC_OPTION_INVALID",
    `The range from ${start} to ${end} is not possible; give whole numbers, the start first.`,
    { pointer: "/range" },
  );
}
