// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { GuestMessage, HostChannel, HostMessage } from "./channel.ts";
import { errorFromMessage } from "./error-message.ts";

/** How one call is made. */
export interface GuestCallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Buffers that move to a thread instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
}

interface PendingCall {
  readonly resolve: (message: GuestMessage) => void;
  readonly reject: (error: unknown) => void;
}

/** Omits `call` from each member of a union of messages. */
type WithoutCall<T> = T extends unknown ? Omit<T, "call"> : never;

/**
 * The host's view of a guest: a worker thread or child process that serves calls and streams.
 *
 * Aborting rejects at once with `signal.reason` and tells the guest. When the guest ends, every open call
 * rejects with `RMTC_PROCESS_FAILED`.
 */
export class GuestHost implements AsyncDisposable {
  readonly #channel: HostChannel;
  readonly #pending = new Map<number, PendingCall>();
  readonly #exited = Promise.withResolvers<string>();
  #lastCall = 0;
  #exitReason: string | undefined;

  constructor(channel: HostChannel) {
    this.#channel = channel;
    channel.setReferenced(false);
    channel.onMessage((message) => this.#settle(message));
    channel.onExit((reason) => {
      this.#exitReason ??= reason;
      this.#exited.resolve(reason);
      for (const call of this.#pending.values()) call.reject(this.#exitError());
      this.#pending.clear();
    });
  }

  /** Whether the guest still runs. */
  get alive(): boolean {
    return this.#exitReason === undefined;
  }

  /** Resolves with the reason when the guest has ended. */
  get exited(): Promise<string> {
    return this.#exited.promise;
  }

  /**
   * Calls a method and returns what it returns.
   *
   * @throws RMTC_PROCESS_FAILED when the guest has ended or ends before it answers.
   */
  async call<Result>(method: string, params: unknown, options: GuestCallOptions = {}): Promise<Result> {
    const answer = await this.#request({ type: "call", method, params }, options);
    return (answer as { value: Result }).value;
  }

  /** Calls a method that returns an async iterable, and yields what it yields, one item asked for at a time. */
  async *stream<Item>(
    method: string,
    params: unknown,
    options: GuestCallOptions = {},
  ): AsyncGenerator<Item, void> {
    const opened = await this.#request({ type: "call", method, params }, options);
    const { stream } = opened as { stream: number };
    let finished = false;
    try {
      for (;;) {
        const item = (await this.#request({ type: "next", stream }, options)) as {
          done: boolean;
          value?: Item;
        };
        if (item.done) {
          finished = true;
          return;
        }
        yield item.value as Item;
      }
    } catch (error) {
      finished = options.signal?.aborted !== true;
      throw error;
    } finally {
      if (!finished && this.alive) await this.#request({ type: "end", stream }, {}).catch(() => undefined);
    }
  }

  /** Ends the guest at once and waits until it is gone. */
  async terminate(): Promise<void> {
    this.#exitReason ??= "it was terminated by its host";
    this.#channel.setReferenced(true);
    await this.#channel.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }

  async #request(message: WithoutCall<HostMessage>, options: GuestCallOptions): Promise<GuestMessage> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (!this.alive) throw this.#exitError();
    this.#lastCall += 1;
    const call = this.#lastCall;
    const answer = Promise.withResolvers<GuestMessage>();
    const abort = (): void => {
      this.#channel.post({ type: "abort", call });
      answer.reject(signal?.reason);
    };
    this.#pending.set(call, answer);
    this.#channel.setReferenced(true);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      this.#channel.post({ ...message, call } as HostMessage, options.transfer);
      return await answer.promise;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#pending.delete(call);
      if (this.#pending.size === 0) this.#channel.setReferenced(false);
    }
  }

  #settle(message: GuestMessage): void {
    const call = this.#pending.get(message.call);
    if (message.type === "error") call?.reject(errorFromMessage(message.error));
    else call?.resolve(message);
  }

  #exitError(): RmtcError {
    return new RmtcError(
      "RMTC_PROCESS_FAILED",
      `The guest process ended: ${this.#exitReason ?? "unknown reason"}.`,
    );
  }
}
