// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type {
  BlobDamage,
  BlobStatus,
  BlobStore,
  BlobStoreCapabilities,
  CallOptions,
  PutFileResult,
  PutFilesOptions,
  PutFilesRequest,
  ReadOptions,
  WriteOptions,
} from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import { MemoryBlobStore } from "@rmtc/store-memory";

/**
 * Keeps bytes for as long as it is open.
 *
 * The store in memory stands where your engine will: replace the calls of it one after the other. The suite says at
 * once where a method of yours answers otherwise.
 */
export class AcmeBlobStore implements BlobStore {
  readonly name: string = "acme";
  readonly capabilities: BlobStoreCapabilities;
  readonly #engine: BlobStore = new MemoryBlobStore();

  constructor() {
    this.capabilities = this.#engine.capabilities;
  }

  async write(bytes: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<BlobStatus> {
    return await this.#engine.write(bytes, options);
  }

  async putFiles(request: PutFilesRequest, options?: PutFilesOptions): Promise<readonly PutFileResult[]> {
    return await this.#engine.putFiles(request, options);
  }

  read(digest: Digest, options?: ReadOptions): AsyncIterable<Uint8Array> {
    return this.#engine.read(digest, options);
  }

  async status(digests: readonly Digest[], options?: CallOptions): Promise<readonly BlobStatus[]> {
    return await this.#engine.status(digests, options);
  }

  async localPath(digest: Digest, options?: CallOptions): Promise<string> {
    return await this.#engine.localPath(digest, options);
  }

  async resumeWrite(...call: Parameters<BlobStore["resumeWrite"]>): Promise<BlobStatus> {
    return await this.#engine.resumeWrite(...call);
  }

  verify(...call: Parameters<BlobStore["verify"]>): AsyncIterable<BlobDamage> {
    return this.#engine.verify(...call);
  }

  async evict(digest: Digest, options?: CallOptions): Promise<void> {
    await this.#engine.evict(digest, options);
  }

  async erase(digest: Digest, options?: CallOptions): Promise<void> {
    await this.#engine.erase(digest, options);
  }

  async list(...call: Parameters<BlobStore["list"]>): ReturnType<BlobStore["list"]> {
    return await this.#engine.list(...call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]();
  }
}
