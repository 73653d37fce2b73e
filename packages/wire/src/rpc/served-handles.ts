// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RpcParams } from "./parse-message.ts";

/** Something that makes the values of a stream. */
export interface ServedStream {
  readonly iterator: AsyncIterator<unknown>;
  /** Stops what makes the values. */
  readonly abort: AbortController;
  /** Brings a value into the form it is sent in; `params` are those of `next`. */
  readonly encode: (value: unknown, params: RpcParams) => Promise<unknown>;
}

/** Answers a callback. */
export type ServedCallback = (params: RpcParams) => Promise<unknown>;

/** The streams and callbacks that one side serves to the other, by handle. */
export class ServedHandles {
  readonly #streams = new Map<number, ServedStream>();
  readonly #callbacks = new Map<number, ServedCallback>();
  #last = 0;

  addStream(stream: ServedStream): number {
    this.#last += 1;
    this.#streams.set(this.#last, stream);
    return this.#last;
  }

  addCallback(callback: ServedCallback): number {
    this.#last += 1;
    this.#callbacks.set(this.#last, callback);
    return this.#last;
  }

  /** Answers `next`; `signal` is that of the request. */
  async next(params: RpcParams, signal: AbortSignal): Promise<unknown> {
    const handle = params.stream as number;
    const stream = this.#streams.get(handle);
    if (stream === undefined) return { done: true };
    const abort = (): void => stream.abort.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    try {
      const item = await stream.iterator.next();
      if (item.done !== true) return { done: false, value: await stream.encode(item.value, params) };
      this.#streams.delete(handle);
      return { done: true };
    } catch (error) {
      this.#streams.delete(handle);
      await stream.iterator.return?.().catch(() => undefined);
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Answers `end`, after what makes the values has stopped. */
  async end(handle: number): Promise<void> {
    const stream = this.#streams.get(handle);
    this.#streams.delete(handle);
    stream?.abort.abort();
    await stream?.iterator.return?.().catch(() => undefined);
  }

  /** Answers `callback`. */
  async call(params: RpcParams): Promise<unknown> {
    const callback = this.#callbacks.get(params.callback as number);
    if (callback === undefined) throw new Error("There is no such callback, or its time is over.");
    return await callback((params.params ?? {}) as RpcParams);
  }

  /** Takes a callback away. */
  removeCallback(handle: number): void {
    this.#callbacks.delete(handle);
  }
}
