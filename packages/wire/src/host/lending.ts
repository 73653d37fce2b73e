// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { pagesOfBytes } from "../rpc/pages-of-bytes.ts";
import type { RpcParams } from "../rpc/parse-message.ts";
import type { GuestConnection } from "./guest-connection.ts";

/** The streams and callbacks that one call lends to the guest, until the call is over. */
export class Lending {
  readonly #connection: GuestConnection;
  readonly #returned: (() => Promise<void>)[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(connection: GuestConnection) {
    this.#connection = connection;
  }

  /** Lends bytes, which the guest pulls. */
  bytes(bytes: AsyncIterable<Uint8Array>): { readonly stream: number } {
    const { folder, handles } = this.#connection;
    const file = folder.take();
    const stream = handles.addStream({
      iterator: this.#watch(pagesOfBytes(bytes)),
      abort: new AbortController(),
      encode: async (value) => (await folder.write(file, [value as Uint8Array]))[0],
    });
    this.#returned.push(async () => {
      await handles.end(stream);
      folder.give(file);
    });
    return { stream };
  }

  /** Lends a function, which the guest calls. */
  callback(call: (params: RpcParams) => Promise<unknown>): { readonly callback: number } {
    const { handles } = this.#connection;
    const callback = handles.addCallback(async (params) => {
      try {
        return await call(params);
      } catch (error) {
        this.#failure ??= { error };
        throw error;
      }
    });
    this.#returned.push(async () => handles.removeCallback(callback));
    return { callback };
  }

  /** What is to be thrown for a call's error: what the host's own side threw, if that was the cause. */
  causeOf(error: unknown): unknown {
    return this.#failure === undefined ? error : this.#failure.error;
  }

  /** Takes everything back. */
  async release(): Promise<void> {
    for (const takeBack of this.#returned.splice(0)) await takeBack();
  }

  async *#watch(pages: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    try {
      yield* pages;
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }
}
