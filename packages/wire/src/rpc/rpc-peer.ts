// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Writable } from "node:stream";
import { RmtcError } from "@rmtc/contract";
import { checkJson } from "./check-json.ts";
import { parseMessage, type RpcFailure, type RpcMessage, type RpcParams } from "./parse-message.ts";
import { readLines } from "./read-lines.ts";
import { errorFromFailure, failureFromError } from "./rpc-failure.ts";

/** The most bytes of a line where the handshake says nothing else. */
export const defaultLineBytes: number = 16 * 1024 * 1024;

/** The most requests that one side leaves unanswered. */
const maxOpenRequests = 256;

/** A request of the other side that is being answered. */
export interface ServedRequest {
  readonly id: number;
  /** Aborted by `cancel`, and when the connection ends. A stream that the request opens goes on using it. */
  readonly abort: AbortController;
}

/** What a side makes of the other's messages. */
export interface RpcSide {
  /** Returns the result of a request; RmtcErrors that it throws cross with their code. */
  serve(method: string, params: RpcParams, request: ServedRequest): Promise<unknown>;
  /** Takes a notification; one that is not known is to be ignored. */
  notified(method: string, params: RpcParams): void;
}

/** How one request is sent. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the request's id, before anything can come back. */
  readonly onSent?: ((id: number) => void) | undefined;
  /** Called once the other side is done with the request, also when nobody waits for the answer any more. */
  readonly onAnswered?: (() => void) | undefined;
}

interface OpenRequest {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onAnswered: (() => void) | undefined;
  /** Runs from `cancel` until the answer. */
  timer?: NodeJS.Timeout;
}

/**
 * One end of a JSON-RPC 2.0 connection, a line a message, over which both sides send requests.
 *
 * Whatever the other side does, it ends in one `RmtcError`: a line that breaks the rules ends the connection
 * and every open request with it.
 *
 * @see spec/draft/wire.md
 */
export class RpcPeer {
  /** The most bytes of a line that the other side takes. */
  maxSentBytes: number = defaultLineBytes;
  readonly #output: Writable;
  readonly #side: RpcSide;
  readonly #cancelSeconds: number | undefined;
  readonly #open = new Map<number, OpenRequest>();
  readonly #served = new Map<number, ServedRequest>();
  readonly #waiting: (() => void)[] = [];
  readonly #ended = Promise.withResolvers<RmtcError>();
  #lastId = 0;
  #end: RmtcError | undefined;
  readonly #onBusy: ((busy: boolean) => void) | undefined;

  constructor(
    output: Writable,
    side: RpcSide,
    options: {
      /** A cancelled request that is not answered for so long ends the connection; never unless given. */
      readonly cancelSeconds?: number | undefined;
      /** Called when the first request is opened and when the last is answered. */
      readonly onBusy?: ((busy: boolean) => void) | undefined;
    } = {},
  ) {
    this.#output = output;
    this.#side = side;
    this.#cancelSeconds = options.cancelSeconds;
    this.#onBusy = options.onBusy;
    output.on("error", () => undefined);
    output.on("drain", () => this.#wake());
  }

  /** Resolves with the reason when the connection has ended. */
  get ended(): Promise<RmtcError> {
    return this.#ended.promise;
  }

  get alive(): boolean {
    return this.#end === undefined;
  }

  /** Reads messages until the input ends, and returns; a breach ends the connection before. */
  async read(input: AsyncIterable<Uint8Array>, maxLineBytes: number = defaultLineBytes): Promise<void> {
    try {
      for await (const line of readLines(input, maxLineBytes)) {
        if (!this.alive) return;
        this.#take(await parseMessage(line));
      }
    } catch (error) {
      this.end(
        error instanceof RmtcError
          ? error
          : new RmtcError("RMTC_PROCESS_FAILED", `The connection broke: ${(error as Error).message}`, {
              cause: error,
            }),
      );
    }
  }

  /**
   * Sends a request and returns its result. An abort rejects at once with the signal's reason and cancels it.
   *
   * @throws RMTC_PROCESS_FAILED when the connection has ended, and the reason of the end while it is open.
   */
  async request(method: string, params: RpcParams, options: RequestOptions = {}): Promise<unknown> {
    const { signal, onSent, onAnswered } = options;
    signal?.throwIfAborted();
    while (this.alive && (this.#open.size >= maxOpenRequests || this.#output.writableNeedDrain)) {
      await this.#changed();
    }
    if (this.#end !== undefined) throw this.#afterwards(this.#end);
    signal?.throwIfAborted();
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    const open: OpenRequest = { resolve: answer.resolve, reject: answer.reject, onAnswered };
    const cancel = (): void => {
      answer.reject(signal?.reason);
      if (this.#open.has(id)) this.#cancel(id, open);
    };
    const line = this.#lineOf({ jsonrpc: "2.0", id, method, params });
    this.#open.set(id, open);
    if (this.#open.size === 1) this.#onBusy?.(true);
    onSent?.(id);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      this.#write(line);
      return await answer.promise;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Tells the other side something. */
  notify(method: string, params: RpcParams): void {
    this.#write(this.#lineOf({ jsonrpc: "2.0", method, params }));
  }

  /** Ends the connection: open requests reject with `error`, served ones are aborted. */
  end(error: RmtcError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    for (const [id, open] of this.#open) {
      open.reject(error);
      this.#close(id, open);
    }
    for (const { abort } of this.#served.values()) abort.abort(error);
    this.#wake();
    this.#ended.resolve(error);
  }

  #take(message: RpcMessage): void {
    const { id, method, params = {}, result, error } = message;
    if (method !== undefined) {
      if (id !== undefined) this.#serve(id, method, params);
      else if (method === "cancel") this.#served.get(params.id as number)?.abort.abort();
      else this.#side.notified(method, params);
      return;
    }
    const open = this.#open.get(id as number);
    if (open === undefined) {
      throw new RmtcError("RMTC_EXTENSION_INVALID", `The request ${id} was answered twice, or never sent.`);
    }
    if (error === undefined) open.resolve(result);
    else open.reject(errorFromFailure(error));
    this.#close(id as number, open);
  }

  #serve(id: number, method: string, params: RpcParams): void {
    if (this.#served.has(id)) {
      throw new RmtcError("RMTC_EXTENSION_INVALID", `The id ${id} was used for two requests.`);
    }
    // An answer that the other side has read counts here until the system says that it was written.
    if (this.#served.size >= 2 * maxOpenRequests) {
      throw new RmtcError("RMTC_LIMIT_EXCEEDED", `More than ${maxOpenRequests} requests are open.`);
    }
    const request: ServedRequest = { id, abort: new AbortController() };
    this.#served.set(id, request);
    void this.#answer(request, method, params);
  }

  async #answer({ id, abort }: ServedRequest, method: string, params: RpcParams): Promise<void> {
    let line: string;
    try {
      const result = await this.#side.serve(method, params, { id, abort });
      line = this.#lineOf({ jsonrpc: "2.0", id, result: result ?? null });
    } catch (error) {
      const failure: RpcFailure = failureFromError(error, abort.signal);
      line = this.#lineOf({ jsonrpc: "2.0", id, error: failure });
    }
    this.#write(line);
    // Who sends requests and does not read the answers comes to the limit of open ones.
    while (this.alive && this.#output.writableNeedDrain) await this.#changed();
    this.#served.delete(id);
  }

  #cancel(id: number, open: OpenRequest): void {
    this.notify("cancel", { id });
    if (this.#cancelSeconds === undefined) return;
    const message = `The guest did not answer a cancelled request within ${this.#cancelSeconds} s.`;
    open.timer = setTimeout(
      () => this.end(new RmtcError("RMTC_PROCESS_FAILED", message)),
      this.#cancelSeconds * 1_000,
    );
    open.timer.unref();
  }

  #close(id: number, open: OpenRequest): void {
    clearTimeout(open.timer);
    this.#open.delete(id);
    open.onAnswered?.();
    if (this.#open.size === 0) this.#onBusy?.(false);
    this.#wake();
  }

  /** Resolves when a request was answered, the output has drained or the connection has ended. */
  async #changed(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #lineOf(message: RpcMessage): string {
    checkJson(message, "any");
    const line = `${JSON.stringify(message)}\n`;
    if (line.length <= this.maxSentBytes / 3 || Buffer.byteLength(line) <= this.maxSentBytes) return line;
    throw new RmtcError(
      "RMTC_LIMIT_EXCEEDED",
      `A message would take ${Buffer.byteLength(line)} bytes; the other side takes ${this.maxSentBytes}. Ask for less at once.`,
    );
  }

  #write(line: string): void {
    if (this.alive && this.#output.writable) this.#output.write(line);
  }

  #afterwards(end: RmtcError): RmtcError {
    return new RmtcError("RMTC_PROCESS_FAILED", `The guest has ended: ${end.message}`, { cause: end });
  }
}
