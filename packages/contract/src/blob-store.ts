// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest } from "@rmtc/spec";
import type { CallOptions } from "./call-options.ts";

/** What a blob store can do beyond the contract. */
export interface BlobStoreCapabilities {
  /** Whether blobs survive the end of the process. */
  readonly durable: boolean;
  /** Whether files can be registered in place, by {@link BlobStore.putFiles} with mode `reference`. */
  readonly references: boolean;
  /** Whether {@link BlobStore.localPath} answers with a path. */
  readonly localPaths: boolean;
  /** Whether an upload goes on where it stopped, by {@link BlobStore.resumeWrite}. */
  readonly resumable: boolean;
}

/** Half-open byte interval `[start, end)`; `end` past the last byte is clamped. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number | undefined;
}

/**
 * What a store knows of a blob: bytes held; a file registered in place; bytes let go of on purpose but known;
 * bytes erased for ever; or nothing.
 */
export type BlobState = "stored" | "referenced" | "evicted" | "erased" | "neverHeld";

export interface BlobStatus {
  readonly digest: Digest;
  readonly state: BlobState;
  /** Length in bytes, where known. */
  readonly sizeBytes?: number | undefined;
}

export interface PutFile {
  /** Absolute path of a regular file. */
  readonly path: string;
}

/** `copy` takes the bytes in, by reflink where the file system can; `reference` leaves them where they are. */
export type PutFileMode = "copy" | "reference";

export interface PutFilesRequest {
  readonly files: readonly PutFile[];
  readonly mode: PutFileMode;
}

export interface PutFileResult {
  readonly path: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Whether the bytes were hashed in this call, or known from an unchanged file. */
  readonly hashed: boolean;
}

export interface PutFilesOptions extends CallOptions {
  /** Called now and then with what is done so far. */
  readonly onProgress?:
    | ((progress: { readonly files: number; readonly sizeBytes: number }) => void)
    | undefined;
}

export interface WriteOptions extends CallOptions {
  /** The digest that the bytes must have. */
  readonly expect?: Digest | undefined;
}

export interface ReadOptions extends CallOptions {
  readonly range?: ByteRange | undefined;
}

/** One blob whose bytes no longer give its digest, or are gone. */
export interface BlobDamage {
  readonly digest: Digest;
  /** Where the bytes lie, where that can be said. */
  readonly path?: string | undefined;
  readonly message: string;
}

/**
 * Holds immutable bytes by their SHA-256.
 *
 * A reader never sees a partly written blob. Bytes registered in place are checked again when they are read.
 *
 * @see spec/draft/blob-store.md
 */
export interface BlobStore extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: BlobStoreCapabilities;

  /**
   * Stores bytes and returns their digest; writing known bytes changes nothing.
   *
   * @throws RMTC_DIGEST_MISMATCH when the bytes differ from `expect`; nothing is kept then.
   * @throws RMTC_BLOB_ERASED when these bytes were erased here.
   * @throws RMTC_STORE_FULL when the disk is full; nothing is kept then.
   */
  write(bytes: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<BlobStatus>;

  /**
   * Takes files in, in one batch that is durable as a whole when the call returns.
   *
   * @throws RMTC_NOT_FOUND when a path does not exist; RMTC_PATH_INVALID when it is no regular file.
   * @throws RMTC_BLOB_ERASED when a file holds bytes that were erased here.
   * @throws RMTC_UNSUPPORTED for mode `reference` without `capabilities.references`.
   */
  putFiles(request: PutFilesRequest, options?: PutFilesOptions): Promise<readonly PutFileResult[]>;

  /**
   * Streams a blob, in chunks of any size.
   *
   * @throws RMTC_NOT_FOUND on the first pull when the store never held the blob.
   * @throws RMTC_BLOB_EVICTED, RMTC_BLOB_ERASED on the first pull, in these states.
   * @throws RMTC_DIGEST_MISMATCH when a file registered in place was changed.
   */
  read(digest: Digest, options?: ReadOptions): AsyncIterable<Uint8Array>;

  /** Tells the state of each blob, in the order given. */
  status(digests: readonly Digest[], options?: CallOptions): Promise<readonly BlobStatus[]>;

  /**
   * Returns a path at which the bytes can be read, never written.
   *
   * @throws RMTC_UNSUPPORTED without `capabilities.localPaths`; otherwise as `read`.
   */
  localPath(digest: Digest, options?: CallOptions): Promise<string>;

  /**
   * Goes on with an upload of known digest and size, and says from which byte on it wants the rest.
   *
   * Call it, then `write` with `expect`, giving the bytes from `offset` on.
   *
   * @throws RMTC_UNSUPPORTED without `capabilities.resumable`.
   */
  resumeWrite(
    blob: { readonly digest: Digest; readonly sizeBytes: number },
    bytesFrom: (offset: number) => AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): Promise<BlobStatus>;

  /** Hashes blobs again, all that are held unless `digests` is given, and yields each damage it finds. */
  verify(
    request: { readonly digests?: readonly Digest[] | undefined },
    options?: CallOptions & { readonly onProgress?: ((checked: number) => void) | undefined },
  ): AsyncIterable<BlobDamage>;

  /** Lets the bytes of a blob go; it can be put again. */
  evict(digest: Digest, options?: CallOptions): Promise<void>;

  /** Erases the bytes of a blob for ever: no later write brings them back. */
  erase(digest: Digest, options?: CallOptions): Promise<void>;

  /** Lists what is known, in order of digest, in pages. */
  list(
    request: { readonly limit: number; readonly cursor?: string | undefined },
    options?: CallOptions,
  ): Promise<{ readonly blobs: readonly BlobStatus[]; readonly next?: string | undefined }>;
}
