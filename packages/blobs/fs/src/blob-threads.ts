// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type GuestHost, siblingModule, startThread } from "@rmtc/wire";
import type { BlobThreadData, BlobThreadMethods } from "./blob-thread.ts";
import { type ThreadAnswer, valueOfAnswer } from "./thread-answer.ts";

type Method = keyof BlobThreadMethods;
type Params<M extends Method> = Parameters<BlobThreadMethods[M]>[0];
type Result<M extends Method> = ReturnType<BlobThreadMethods[M]>;

/** Worker threads that hash, copy and look at blobs, each started when it is needed first. */
export class BlobThreads implements AsyncDisposable {
  readonly count: number;
  readonly #data: BlobThreadData;
  readonly #threads: (GuestHost | undefined)[];
  #closed = false;

  constructor(data: BlobThreadData, count: number) {
    this.#data = data;
    this.count = count;
    this.#threads = new Array(count).fill(undefined);
  }

  /** Calls a method in the thread with the given number, the first one unless given. */
  async call<M extends Method>(
    method: M,
    params: Params<M>,
    options: { readonly signal?: AbortSignal | undefined; readonly thread?: number } = {},
  ): Promise<Result<M>> {
    options.signal?.throwIfAborted();
    const thread = this.#thread(options.thread ?? 0);
    const answer = await thread.call<ThreadAnswer<Result<M>>>(method, params, { signal: options.signal });
    return valueOfAnswer(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread?.terminate()));
  }

  #thread(number: number): GuestHost {
    if (this.#closed) {
      throw new RmtcError("RMTC_STORE_CLOSED", `The blob store ${this.#data.folder} was closed.`, {
        subject: this.#data.folder,
      });
    }
    let thread = this.#threads[number];
    if (thread === undefined || !thread.alive) {
      thread = startThread(siblingModule(import.meta.url, "blob-thread"), this.#data);
      this.#threads[number] = thread;
    }
    return thread;
  }
}
