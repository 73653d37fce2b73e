// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GuestChannel, HostMessage } from "./channel.ts";
import { errorToMessage } from "./error-message.ts";

/** How a guest's method is called. */
export interface ServedCall {
  readonly signal: AbortSignal;
}

/** The methods a guest serves: each returns a value, a promise, or an async iterable for `stream`. */
export type ServedMethods = Readonly<Record<string, (params: never, call: ServedCall) => unknown>>;

/** A result whose buffers move to the host instead of being copied. Only threads can move buffers. */
export class TransferredResult {
  readonly value: unknown;
  readonly transfer: readonly ArrayBuffer[];

  constructor(value: unknown, transfer: readonly ArrayBuffer[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

interface OpenStream {
  readonly iterator: AsyncIterator<unknown>;
  readonly abort: AbortController;
}

/** Serves a host's calls until the connection ends. */
export function serveCalls(channel: GuestChannel, methods: ServedMethods): void {
  const running = new Map<number, AbortController>();
  const streams = new Map<number, OpenStream>();

  const answer = async (message: Exclude<HostMessage, { type: "abort" }>): Promise<void> => {
    const { call } = message;
    if (message.type === "call") {
      const abort = new AbortController();
      running.set(call, abort);
      try {
        const method = Object.hasOwn(methods, message.method) ? methods[message.method] : undefined;
        if (method === undefined) throw new Error(`The guest has no method ${message.method}.`);
        const value = await method(message.params as never, { signal: abort.signal });
        if (isAsyncIterable(value)) {
          streams.set(call, { iterator: value[Symbol.asyncIterator](), abort });
          channel.post({ type: "stream", call, stream: call });
        } else if (value instanceof TransferredResult) {
          channel.post({ type: "result", call, value: value.value }, value.transfer);
        } else {
          channel.post({ type: "result", call, value });
        }
      } finally {
        running.delete(call);
      }
      return;
    }
    const stream = streams.get(message.stream);
    if (message.type === "end") {
      streams.delete(message.stream);
      stream?.abort.abort();
      await stream?.iterator.return?.();
      channel.post({ type: "result", call, value: undefined });
      return;
    }
    if (stream === undefined) {
      channel.post({ type: "item", call, done: true });
      return;
    }
    running.set(call, stream.abort);
    try {
      const item = await stream.iterator.next();
      if (item.done === true) streams.delete(message.stream);
      if (item.value instanceof TransferredResult) {
        channel.post({ type: "item", call, done: false, value: item.value.value }, item.value.transfer);
      } else channel.post({ type: "item", call, done: item.done === true, value: item.value });
    } catch (error) {
      streams.delete(message.stream);
      throw error;
    } finally {
      running.delete(call);
    }
  };

  channel.onMessage((message) => {
    if (message.type === "abort") {
      running.get(message.call)?.abort();
      return;
    }
    answer(message).catch((error: unknown) => {
      channel.post({ type: "error", call: message.call, error: errorToMessage(error) });
    });
  });
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
