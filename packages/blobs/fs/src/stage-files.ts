// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { isAbsolute, join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { type PutFileMode, RmtcError } from "@rmtc/contract";
import { blobPath, erasedPath } from "./blob-path.ts";
import { type FileStamp, sameStamp, stampOf, unsettledMs } from "./file-stamp.ts";
import { isSystemError, translateFsError } from "./fs-error.ts";
import { type HashedFile, hashFile, writeAllSync } from "./hash-file.ts";
import type { StampIndex } from "./stamp-index.ts";

/** Files up to this size are read in one piece. */
const SMALL_BYTES = 1024 * 1024;
/** A call for a slice of files ends early after so many bytes, so that other threads get the rest. */
const SLICE_BYTES = 64 * 1024 * 1024;
/** For so long at most, small files are worked on without a look at messages such as an abort. */
const BUSY_MS = 20;
/** A young file is waited for up to this long, so that its digest can be remembered. */
const SETTLE_MS = 20;
/** How often a file is read again that changed meanwhile. */
const READ_ATTEMPTS = 3;
/** Following no link and never waiting for the other end of a pipe. */
const OPEN_SOURCE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export interface StageRequest {
  readonly mode: PutFileMode;
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Folder for copies, on the store's file system. */
  readonly tempFolder: string;
}

/** One file that was looked at: its digest is known, and its bytes lie in a temporary copy where needed. */
export interface StagedFile {
  readonly hex: string;
  readonly stamp: FileStamp;
  readonly hashed: boolean;
  /** Whether the digest may be remembered under the stamp. */
  readonly settled: boolean;
  /** Path of the copy, if the store does not hold the bytes yet. */
  readonly temp?: string | undefined;
  /** Whether the copy is on the disk for certain. */
  readonly synced: boolean;
}

/** Hashes files and copies those that a store does not hold, in a thread of its own. */
export class FileStager {
  readonly #folder: string;
  readonly #index: StampIndex;
  readonly #small: Buffer = Buffer.allocUnsafeSlow(SMALL_BYTES + 1);
  /** Devices whose files cannot be cloned into the store. */
  readonly #uncloneable = new Set<bigint>();
  #lastTemp = 0;

  constructor(folder: string, index: StampIndex) {
    this.#folder = folder;
    this.#index = index;
  }

  /** Works on the files from the first on and returns what it did, perhaps not for all of them. */
  async stage(request: StageRequest, signal: AbortSignal): Promise<readonly StagedFile[]> {
    const staged: StagedFile[] = [];
    let sizeBytes = 0;
    let busySince = performance.now();
    for (const path of request.files) {
      if (performance.now() - busySince > BUSY_MS) {
        await setImmediate();
        busySince = performance.now();
      }
      signal.throwIfAborted();
      const file = await this.#stageFile(path, request, signal);
      staged.push(file);
      if (file.hashed) sizeBytes += file.stamp.sizeBytes;
      if (sizeBytes >= SLICE_BYTES) break;
    }
    return staged;
  }

  async #stageFile(path: string, request: StageRequest, signal: AbortSignal): Promise<StagedFile> {
    if (!isAbsolute(path)) {
      throw new RmtcError("RMTC_PATH_INVALID", `${path} is relative; give an absolute path.`, {
        subject: path,
      });
    }
    for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt += 1) {
      const file = await this.#tryFile(path, request, signal);
      if (file !== undefined) return file;
    }
    throw new RmtcError(
      "RMTC_STATE_INVALID",
      `${path} changes while it is read; take it in when its writer has finished.`,
      { subject: path },
    );
  }

  /** Returns `undefined` when the file changed meanwhile. */
  async #tryFile(path: string, request: StageRequest, signal: AbortSignal): Promise<StagedFile | undefined> {
    const source = sourceCall(path, () => openSync(path, OPEN_SOURCE));
    try {
      const stamp = sourceCall(path, () => readStamp(source, path));
      const known = this.#index.find(stamp);
      if (known !== undefined && (request.mode === "reference" || this.#isHeld(known, stamp.sizeBytes))) {
        this.#refuseErased(known, path);
        return { hex: known, stamp, hashed: false, settled: false, synced: true };
      }
      const waitMs = unsettledMs(stamp, path);
      if (waitMs > 0 && waitMs <= SETTLE_MS) await setTimeout(waitMs + 1);
      if (stamp.sizeBytes > SMALL_BYTES) return await this.#stageLarge(path, source, stamp, request, signal);
      return this.#stageSmall(path, source, stamp, request);
    } finally {
      closeSync(source);
    }
  }

  #stageSmall(path: string, source: number, stamp: FileStamp, request: StageRequest): StagedFile | undefined {
    const settled = unsettledMs(stamp, path) === 0;
    const bytes = sourceCall(path, () => readSmall(source, this.#small));
    const after = sourceCall(path, () => readStamp(source, path));
    if (bytes.byteLength !== stamp.sizeBytes || !sameStamp(stamp, after)) return undefined;
    const hex = hash("sha256", bytes);
    this.#refuseErased(hex, path);
    const file = { hex, stamp, hashed: true, settled };
    if (request.mode === "reference" || this.#isHeld(hex, bytes.byteLength)) return { ...file, synced: true };
    const temp = this.#newTemp(request);
    storeCall(temp, () => writeSmall(temp, bytes));
    return { ...file, temp, synced: false };
  }

  async #stageLarge(
    path: string,
    source: number,
    stamp: FileStamp,
    request: StageRequest,
    signal: AbortSignal,
  ): Promise<StagedFile | undefined> {
    const temp = request.mode === "copy" ? this.#newTemp(request) : undefined;
    let kept = false;
    try {
      const settled = unsettledMs(stamp, path) === 0;
      const { hex, sizeBytes } =
        temp === undefined
          ? await hashSource(path, source, signal)
          : await this.#copy(path, source, temp, stamp.device, signal);
      const after = sourceCall(path, () => readStamp(source, path));
      if (sizeBytes !== stamp.sizeBytes || !sameStamp(stamp, after)) return undefined;
      this.#refuseErased(hex, path);
      const file = { hex, stamp, hashed: true, settled, synced: true };
      if (temp === undefined || this.#isHeld(hex, sizeBytes)) return file;
      kept = true;
      return { ...file, temp };
    } finally {
      if (temp !== undefined && !kept) rmSync(temp, { force: true });
    }
  }

  /** What is hashed is the copy, so that a blob is what its digest says even while its source changes. */
  async #copy(
    path: string,
    source: number,
    temp: string,
    device: bigint,
    signal: AbortSignal,
  ): Promise<HashedFile> {
    const cloned = this.#clone(path, temp, device);
    const copy = storeCall(temp, () => openSync(temp, cloned ? "r" : "wx", 0o444));
    try {
      if (!cloned) return await hashFile(source, copy, signal);
      const hashed = await hashFile(copy, undefined, signal);
      fsyncSync(copy);
      return hashed;
    } catch (error) {
      throw translateFsError(error, "store", temp);
    } finally {
      closeSync(copy);
    }
  }

  /** Shares the source's blocks where the file system can (FICLONE); never a hard link. */
  #clone(path: string, temp: string, device: bigint): boolean {
    if (this.#uncloneable.has(device)) return false;
    try {
      copyFileSync(path, temp, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
      chmodSync(temp, 0o444);
      return true;
    } catch (error) {
      rmSync(temp, { force: true });
      if (!isSystemError(error, "ENOTSUP", "EOPNOTSUPP", "EXDEV", "EINVAL", "ENOSYS", "ENOTTY")) {
        throw translateFsError(error, isSystemError(error, "ENOSPC", "EDQUOT") ? "store" : "source", path);
      }
      this.#uncloneable.add(device);
      return false;
    }
  }

  #newTemp(request: StageRequest): string {
    this.#lastTemp += 1;
    return join(request.tempFolder, `${threadId}-${this.#lastTemp}`);
  }

  #isHeld(hex: string, sizeBytes: number): boolean {
    return statSync(blobPath(this.#folder, hex), { throwIfNoEntry: false })?.size === sizeBytes;
  }

  #refuseErased(hex: string, path: string): void {
    if (statSync(erasedPath(this.#folder, hex), { throwIfNoEntry: false }) === undefined) return;
    throw new RmtcError(
      "RMTC_BLOB_ERASED",
      `${path} holds the bytes of sha256:${hex}, which were erased here and never come back.`,
      { subject: `sha256:${hex}` },
    );
  }
}

function readStamp(descriptor: number, path: string): FileStamp {
  const stat = fstatSync(descriptor, { bigint: true });
  if (stat.isFile()) return stampOf(stat);
  throw new RmtcError("RMTC_PATH_INVALID", `${path} is no regular file; name the file itself.`, {
    subject: path,
  });
}

/** Reads until the end of the file or of the buffer, which is one byte longer than any file should be. */
function readSmall(descriptor: number, buffer: Buffer): Buffer {
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, buffer, length, buffer.byteLength - length, length);
    length += read;
    if (read === 0 || length === buffer.byteLength) return buffer.subarray(0, length);
  }
}

async function hashSource(path: string, source: number, signal: AbortSignal): Promise<HashedFile> {
  try {
    return await hashFile(source, undefined, signal);
  } catch (error) {
    throw translateFsError(error, "source", path);
  }
}

function writeSmall(temp: string, bytes: Buffer): void {
  const descriptor = openSync(temp, "wx", 0o444);
  try {
    writeAllSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}

function sourceCall<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw translateFsError(error, "source", path);
  }
}

function storeCall<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw translateFsError(error, "store", path);
  }
}
