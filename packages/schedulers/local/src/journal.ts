// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type FileHandle, open } from "node:fs/promises";
import { type JobEvent, parseJobEvent } from "./job-event.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * Adds a line to a journal, by one write to a file opened for appending, so that lines of several processes
 * never mix.
 */
export async function appendEvent(path: string, event: JobEvent): Promise<void> {
  await using handle = await open(path, "a");
  // The line break comes first too, so that the line stands alone after one that was cut off.
  await handle.write(`\n${JSON.stringify(event)}\n`);
}

/** Reads a journal from the start, and later what was added. */
export class JournalReader implements AsyncDisposable {
  readonly #path: string;
  readonly #buffer: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #handle: FileHandle | undefined;
  #position = 0;
  #unfinished: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** Yields the events that were not read yet. */
  async *read(): AsyncGenerator<JobEvent, void> {
    this.#handle ??= await open(this.#path, "r");
    for (;;) {
      const { bytesRead } = await this.#handle.read(this.#buffer, 0, CHUNK_BYTES, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      const text = Buffer.concat([this.#unfinished, this.#buffer.subarray(0, bytesRead)]);
      const end = text.lastIndexOf(0x0a) + 1;
      this.#unfinished = Buffer.from(text.subarray(end));
      for (const line of text.toString("utf8", 0, end).split("\n")) {
        const event = line === "" ? undefined : parseJobEvent(line);
        if (event !== undefined) yield event;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }
}
