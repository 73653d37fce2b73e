// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolve } from "node:path";
import { type CallOptions, isRmtcError, RmtcError } from "@rmtc/contract";
import { type GuestHost, startThread } from "@rmtc/wire";
import type { DatabaseOptions } from "./database.ts";
import { defaultBusyTimeoutMilliseconds, type SqliteOptions } from "./sqlite-options.ts";

/** The thread that one store's file is read and written in, seen from outside. */
export class StoreThread {
  readonly #guest: GuestHost;
  readonly #path: string;
  #closing: Promise<void> | undefined;

  private constructor(guest: GuestHost, path: string) {
    this.#guest = guest;
    this.#path = path;
  }

  /** Starts the thread and opens the file. */
  static async open(module: URL, options: SqliteOptions, callOptions: CallOptions): Promise<StoreThread> {
    const path = resolve(options.path);
    const busyTimeoutMilliseconds = options.busyTimeoutMilliseconds ?? defaultBusyTimeoutMilliseconds;
    const data: DatabaseOptions = { path, busyTimeoutMilliseconds };
    const thread = new StoreThread(startThread(module, data), path);
    try {
      await thread.call("open", undefined, callOptions);
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  /**
   * Calls a method of the thread.
   *
   * @throws RMTC_STORE_CLOSED when the store was closed before or during the call.
   */
  async call<Result>(method: string, params: unknown, options: CallOptions | undefined): Promise<Result> {
    this.check(options);
    try {
      return await this.#guest.call<Result>(method, params, { signal: options?.signal });
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** Calls a method that yields items. The next item is made while the one before is looked at. */
  async *stream<Item>(
    method: string,
    params: unknown,
    options: CallOptions | undefined,
  ): AsyncGenerator<Item, void> {
    this.check(options);
    const items = this.#guest.stream<Item>(method, params, { signal: options?.signal });
    let next = items.next();
    try {
      for (;;) {
        const item = await next;
        if (item.done === true) return;
        next = items.next();
        // Nobody may be waiting for it when it fails.
        next.catch(() => undefined);
        yield item.value;
        this.check(options);
      }
    } catch (error) {
      throw this.#translate(error);
    } finally {
      await items.return();
    }
  }

  /** Lets a call begin or go on. */
  check(options: CallOptions | undefined): void {
    if (this.#closing !== undefined) throw this.#closedError();
    options?.signal?.throwIfAborted();
  }

  /** Closes the file and ends the thread; again, it waits for the same end. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#guest.call("close", undefined).catch(() => undefined);
    await this.#guest.terminate();
  }

  #translate(error: unknown): unknown {
    if (this.#closing !== undefined && isRmtcError(error, "RMTC_PROCESS_FAILED")) return this.#closedError();
    if (!(error instanceof DOMException) || error.name !== "DataCloneError") return error;
    return new RmtcError("RMTC_JSON_INVALID", `A record is no plain JSON: ${error.message}`, {
      cause: error,
    });
  }

  #closedError(): RmtcError {
    return new RmtcError("RMTC_STORE_CLOSED", `The store ${this.#path} was closed; open it again.`, {
      subject: this.#path,
    });
  }
}
