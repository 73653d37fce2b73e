// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";

/** A caller's chunks are cut to this size, so that hashing one never blocks the event loop for long. */
const CHUNK_BYTES = 128 * 1024;

/** An unfinished blob: a file that bytes are added to, and their hash so far. */
export class BlobWriter implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash("sha256");
  #sizeBytes = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens a new file, or goes on after the bytes of an old one. */
  static async open(path: string, signal: AbortSignal): Promise<BlobWriter> {
    const writer = new BlobWriter(await open(path, "a+", 0o644));
    try {
      await writer.#hashOldBytes(signal);
      return writer;
    } catch (error) {
      await writer[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Bytes so far, those of an old file included. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async add(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.byteLength; start += CHUNK_BYTES) {
      const chunk = bytes.subarray(start, start + CHUNK_BYTES);
      const written = writeAll(this.#handle, chunk, this.#sizeBytes);
      this.#hash.update(chunk);
      await written;
      this.#sizeBytes += chunk.byteLength;
    }
  }

  /** Brings the bytes to the disk, read-only, and returns the 64 hexadecimal digits of their SHA-256. */
  async finish(): Promise<string> {
    await this.#handle.chmod(0o444);
    await this.#handle.sync();
    return this.#hash.digest("hex");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  async #hashOldBytes(signal: AbortSignal): Promise<void> {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await this.#handle.read(buffer, 0, CHUNK_BYTES, this.#sizeBytes);
      if (bytesRead === 0) return;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.#sizeBytes += bytesRead;
    }
  }
}

async function writeAll(target: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    const rest = chunk.byteLength - written;
    const { bytesWritten } = await target.write(chunk, written, rest, position + written);
    written += bytesWritten;
  }
}
