// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import {
  type BlobDamage,
  type BlobState,
  type BlobStatus,
  type BlobStore,
  type BlobStoreCapabilities,
  type ByteRange,
  type CallOptions,
  isRmtcError,
  type PutFileResult,
  type PutFilesOptions,
  type PutFilesRequest,
  type ReadOptions,
  RmtcError,
  type WriteOptions,
} from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import { abortableItems } from "./abortable-items.ts";
import { CallGuard } from "./call-guard.ts";
import { readSource, type SourceFile, stampOfSource } from "./read-source.ts";

const chunkBytes = 65_536;

/** What is known of one blob. */
export interface MemoryBlob {
  readonly state: Exclude<BlobState, "neverHeld">;
  readonly sizeBytes?: number | undefined;
  /** Held only when `stored`. */
  readonly bytes?: Buffer | undefined;
  /** Where the file lies when `referenced`. */
  readonly path?: string | undefined;
}

/**
 * Holds blobs in memory: the plain reference of what the contract means.
 *
 * Files registered in place are read whole and hashed again at every read.
 */
export class MemoryBlobStore implements BlobStore {
  readonly name: string = "memory";
  readonly capabilities: BlobStoreCapabilities = {
    durable: false,
    references: true,
    localPaths: false,
    resumable: true,
  };
  /** How long a file's times must have stood before its digest is remembered by them, in milliseconds. */
  protected readonly settledAfterMs: number = 100;
  protected readonly blobs: Map<Digest, MemoryBlob> = new Map();
  readonly #partials: Map<Digest, Buffer[]> = new Map();
  readonly #knownFiles: Map<string, { readonly stamp: string; readonly digest: Digest }> = new Map();
  readonly #guard: CallGuard = new CallGuard("memory blob store");

  async write(bytes: AsyncIterable<Uint8Array>, options: WriteOptions = {}): Promise<BlobStatus> {
    this.#guard.check(options);
    if (options.expect !== undefined) checkDigest(options.expect);
    const chunks: Buffer[] = [];
    const hash = createHash("sha256");
    for await (const chunk of abortableItems(bytes, options.signal)) {
      chunks.push(Buffer.from(chunk));
      hash.update(chunk);
      await this.#guard.turn(options);
    }
    const digest = `sha256:${hash.digest("hex")}`;
    if (options.expect !== undefined && digest !== options.expect) throw mismatch(digest, options.expect);
    return this.#store(digest, Buffer.concat(chunks));
  }

  async putFiles(request: PutFilesRequest, options: PutFilesOptions = {}): Promise<readonly PutFileResult[]> {
    this.#guard.check(options);
    const sources: (SourceFile & { readonly hashed: boolean })[] = [];
    let sizeBytes = 0;
    for (const { path } of request.files) {
      const source = await this.#source(path, options);
      if (this.blobs.get(source.digest)?.state === "erased") throw erased(source.digest);
      sources.push(source);
      sizeBytes += source.bytes.length;
      options.onProgress?.({ files: sources.length, sizeBytes });
      await this.#guard.turn(options);
    }
    return sources.map(({ digest, bytes, stamp, hashed }, index) => {
      const path = request.files[index]?.path ?? "";
      if (request.mode === "copy") this.#store(digest, bytes);
      else if (this.blobs.get(digest)?.state !== "stored") {
        this.blobs.set(digest, { state: "referenced", sizeBytes: bytes.length, path });
      }
      if (stamp !== undefined) this.#knownFiles.set(path, { stamp, digest });
      return { path, digest, sizeBytes: bytes.length, hashed };
    });
  }

  async *read(digest: Digest, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    this.#guard.check(options);
    checkDigest(digest);
    checkRange(options.range);
    const bytes = await this.#bytesOf(digest, options);
    const end = Math.min(options.range?.end ?? bytes.length, bytes.length);
    for (let start = options.range?.start ?? 0; start < end; start += chunkBytes) {
      yield Uint8Array.from(bytes.subarray(start, Math.min(start + chunkBytes, end)));
      await this.#guard.turn(options);
    }
  }

  async status(digests: readonly Digest[], options?: CallOptions): Promise<readonly BlobStatus[]> {
    this.#guard.check(options);
    return digests.map((digest) => this.#statusOf(digest));
  }

  async localPath(_digest: Digest, options?: CallOptions): Promise<string> {
    this.#guard.check(options);
    throw new RmtcError("RMTC_UNSUPPORTED", "A memory blob store has no files; read the blob instead.");
  }

  async resumeWrite(
    blob: { readonly digest: Digest; readonly sizeBytes: number },
    bytesFrom: (offset: number) => AsyncIterable<Uint8Array>,
    options: CallOptions = {},
  ): Promise<BlobStatus> {
    this.#guard.check(options);
    const { digest, sizeBytes } = blob;
    checkDigest(digest);
    const known = this.#statusOf(digest);
    if (known.state === "erased") throw erased(digest);
    if (known.state === "stored") return known;
    const chunks = this.#partials.get(digest) ?? [];
    this.#partials.set(digest, chunks);
    let offset = lengthOf(chunks);
    for await (const chunk of abortableItems(bytesFrom(offset), options.signal)) {
      chunks.push(Buffer.from(chunk));
      offset += chunk.length;
      if (offset > sizeBytes) break;
      await this.#guard.turn(options);
    }
    this.#partials.delete(digest);
    const held = Buffer.concat(chunks);
    const found = await this.#digestOf(held, options);
    if (found !== digest || held.length !== sizeBytes) throw mismatch(found, digest);
    return this.#store(digest, held);
  }

  async *verify(
    request: { readonly digests?: readonly Digest[] | undefined },
    options?: CallOptions & { readonly onProgress?: ((checked: number) => void) | undefined },
  ): AsyncGenerator<BlobDamage> {
    this.#guard.check(options);
    let checked = 0;
    for (const digest of request.digests ?? [...this.blobs.keys()]) {
      const damage = await this.#damageOf(digest, options);
      options?.onProgress?.(++checked);
      if (damage !== undefined) yield damage;
      await this.#guard.turn(options);
    }
  }

  async evict(digest: Digest, options?: CallOptions): Promise<void> {
    this.#guard.check(options);
    checkDigest(digest);
    const { state, sizeBytes } = this.#statusOf(digest);
    if (state === "neverHeld") throw neverHeld(digest);
    if (state === "erased") throw erased(digest);
    this.blobs.set(digest, { state: "evicted", sizeBytes });
  }

  async erase(digest: Digest, options?: CallOptions): Promise<void> {
    this.#guard.check(options);
    checkDigest(digest);
    this.blobs.set(digest, { state: "erased", sizeBytes: this.blobs.get(digest)?.sizeBytes });
    this.#partials.delete(digest);
  }

  async list(
    request: { readonly limit: number; readonly cursor?: string | undefined },
    options?: CallOptions,
  ): Promise<{ readonly blobs: readonly BlobStatus[]; readonly next?: string | undefined }> {
    this.#guard.check(options);
    const { limit, cursor = "" } = request;
    checkList(limit, request.cursor);
    const rest = [...this.blobs.keys()].sort().filter((digest) => digest > cursor);
    const blobs = rest.slice(0, limit).map((digest) => this.#statusOf(digest));
    const last = blobs.at(-1);
    return last === undefined || rest.length === blobs.length ? { blobs } : { blobs, next: last.digest };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#guard.close();
  }

  #store(digest: Digest, bytes: Buffer): BlobStatus {
    const known = this.blobs.get(digest);
    if (known?.state === "erased") throw erased(digest);
    if (known?.state !== "stored")
      this.blobs.set(digest, { state: "stored", sizeBytes: bytes.length, bytes });
    return this.#statusOf(digest);
  }

  #statusOf(digest: Digest): BlobStatus {
    const { state, sizeBytes } = this.blobs.get(digest) ?? { state: "neverHeld" };
    return sizeBytes === undefined ? { digest, state } : { digest, state, sizeBytes };
  }

  async #source(path: string, options: CallOptions): Promise<SourceFile & { readonly hashed: boolean }> {
    const known = this.#knownFiles.get(path);
    if (known !== undefined && known.stamp === (await stampOfSource(path))) {
      const bytes = this.blobs.get(known.digest)?.bytes;
      if (bytes !== undefined) return { ...known, bytes, hashed: false };
    }
    return { ...(await readSource(path, this.settledAfterMs, options)), hashed: true };
  }

  async #bytesOf(digest: Digest, options: CallOptions | undefined): Promise<Buffer> {
    const blob = this.blobs.get(digest);
    switch (blob?.state) {
      case undefined:
        throw neverHeld(digest);
      case "erased":
        throw erased(digest);
      case "evicted":
        throw new RmtcError("RMTC_BLOB_EVICTED", `${digest} was evicted; put its bytes again.`, {
          subject: digest,
        });
      case "stored":
        return blob.bytes ?? Buffer.alloc(0);
      case "referenced":
        return await referencedBytes(digest, blob.path ?? "", options);
    }
  }

  async #digestOf(bytes: Buffer, options: CallOptions | undefined): Promise<Digest> {
    const hash = createHash("sha256");
    for (let start = 0; start < bytes.length; start += chunkBytes) {
      hash.update(bytes.subarray(start, start + chunkBytes));
      await this.#guard.step(options);
    }
    return `sha256:${hash.digest("hex")}`;
  }

  async #damageOf(digest: Digest, options: CallOptions | undefined): Promise<BlobDamage | undefined> {
    const blob = this.blobs.get(digest);
    if (blob?.state === "evicted" || blob?.state === "erased") return undefined;
    try {
      const found = await this.#digestOf(await this.#bytesOf(digest, options), options);
      return found === digest ? undefined : { digest, message: `The bytes have the digest ${found}.` };
    } catch (error) {
      if (!isRmtcError(error)) throw error;
      return { digest, path: blob?.path, message: error.message };
    }
  }
}

async function referencedBytes(
  digest: Digest,
  path: string,
  options: CallOptions | undefined,
): Promise<Buffer> {
  let source: SourceFile;
  try {
    source = await readSource(path, 0, options);
  } catch (error) {
    if (!isRmtcError(error)) throw error;
    throw changed(digest, path, error);
  }
  if (source.digest !== digest) throw changed(digest, path);
  return source.bytes;
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

function changed(digest: Digest, path: string, cause?: unknown): RmtcError {
  const message = `${path}, registered in place for ${digest}, was changed or removed; restore it, or put the bytes again.`;
  return new RmtcError("RMTC_DIGEST_MISMATCH", message, { subject: digest, cause });
}

function mismatch(found: Digest, expected: Digest): RmtcError {
  const message = `The bytes have the digest ${found}, not ${expected}; nothing was kept.`;
  return new RmtcError("RMTC_DIGEST_MISMATCH", message, { subject: expected });
}

function erased(digest: Digest): RmtcError {
  return new RmtcError("RMTC_BLOB_ERASED", `${digest} was erased here; its bytes never come back.`, {
    subject: digest,
  });
}

function neverHeld(digest: Digest): RmtcError {
  return new RmtcError("RMTC_NOT_FOUND", `${digest} was never held here.`, { subject: digest });
}

function checkDigest(digest: Digest): void {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return;
  throw new RmtcError("RMTC_OPTION_INVALID", "A digest is sha256: and 64 lower-case hexadecimal digits.", {
    subject: digest.slice(0, 80),
  });
}

function checkRange(range: ByteRange | undefined): void {
  const { start, end = Number.POSITIVE_INFINITY } = range ?? { start: 0 };
  if (Number.isSafeInteger(start) && start >= 0 && end >= start) return;
  throw new RmtcError("RMTC_OPTION_INVALID", `The range from ${start} to ${end} is not possible.`, {
    pointer: "/range",
  });
}

function checkList(limit: number, cursor: string | undefined): void {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RmtcError("RMTC_OPTION_INVALID", "The limit must be an integer from 1 on.", {
      pointer: "/limit",
    });
  }
  if (cursor !== undefined && !/^sha256:[0-9a-f]{64}$/.test(cursor)) {
    throw new RmtcError("RMTC_CURSOR_INVALID", "The cursor is not from this store; start without one.", {
      pointer: "/cursor",
    });
  }
}
