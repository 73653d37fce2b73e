// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CallOptions, RmtcError } from "@rmtc/contract";
import type { WireBytes } from "@rmtc/spec";
import type { RpcParams } from "../rpc/parse-message.ts";
import type { Guest } from "./guest.ts";
import type { GuestConnection } from "./guest-connection.ts";
import { Lending } from "./lending.ts";

/** Parameters of a call: plain data, or what lends streams and callbacks as well. */
export type CallParams = RpcParams | ((lending: Lending) => RpcParams);

/** How a call is made. */
export interface RemoteCallOptions extends CallOptions {
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /** Called once the guest is done with the request, also when nobody waits for it any more. */
  readonly onAnswered?: (() => void) | undefined;
}

/** What is known of an instance when it was opened: its handle and plain data. */
export interface OpenedInstance {
  readonly instance: number;
}

/** After so long `end` and `close` are cancelled, and the guest is ended if that does not help either. */
const endMilliseconds = 5_000;

/** What the requests for the values of one stream have beside the stream. */
interface PerNext {
  readonly params: (connection: GuestConnection) => RpcParams;
  /** Called when the guest is done with the stream. */
  readonly over: (connection: GuestConnection) => void;
}

/** How an instance behaves that is not what its calls do. */
export interface RemoteInstanceOptions {
  /** The error that calls reject with once it is closed. */
  readonly closed: RmtcError;
  /** Whether it keeps nothing, so that it can be opened again in a new process. */
  readonly restarts: boolean;
  /** Called when it has been closed. */
  readonly onClosed?: (() => Promise<void>) | undefined;
}

/**
 * An instance in a guest: the way all roles make their calls.
 *
 * Closing rejects calls that run.
 */
export class RemoteInstance<Opened extends OpenedInstance = OpenedInstance> {
  /** What the guest said of the instance when it was first opened. */
  readonly opened: Opened;
  readonly #guest: Guest;
  readonly #reopen: (connection: GuestConnection) => Promise<Opened>;
  readonly #options: RemoteInstanceOptions;
  readonly #closed = new AbortController();
  #connection: GuestConnection;
  #handle: Promise<number>;
  #closing: Promise<void> | undefined;

  private constructor(
    guest: Guest,
    connection: GuestConnection,
    opened: Opened,
    reopen: (connection: GuestConnection) => Promise<Opened>,
    options: RemoteInstanceOptions,
  ) {
    this.opened = opened;
    this.#guest = guest;
    this.#connection = connection;
    this.#handle = Promise.resolve(opened.instance);
    this.#reopen = reopen;
    this.#options = options;
  }

  /** Opens an instance; `open` sends the request for it, again in a new process if there is one. */
  static async open<Opened extends OpenedInstance>(
    guest: Guest,
    open: (connection: GuestConnection) => Promise<Opened>,
    options: RemoteInstanceOptions,
  ): Promise<RemoteInstance<Opened>> {
    const connection = options.restarts ? await guest.revived() : guest.current;
    return new RemoteInstance(guest, connection, await open(connection), open, options);
  }

  /** Rejects if the instance is closed or the call aborted already. */
  check(options: CallOptions = {}): void {
    this.#closed.signal.throwIfAborted();
    options.signal?.throwIfAborted();
  }

  /** The connection to the process that the instance is open in, and its handle there. */
  async connect(): Promise<{ readonly connection: GuestConnection; readonly handle: number }> {
    this.check();
    if (!this.#connection.alive && this.#options.restarts) {
      const connection = await this.#guest.revived();
      if (connection !== this.#connection) {
        this.#connection = connection;
        this.#handle = this.#reopen(connection).then(({ instance }) => instance);
        this.#handle.catch(() => undefined);
      }
    }
    return { connection: this.#connection, handle: await this.#handle };
  }

  /** Calls a method and returns its result, checked. */
  async call<Result>(method: string, params: CallParams, options: RemoteCallOptions = {}): Promise<Result> {
    this.check(options);
    const { connection, handle } = await this.connect();
    const lending = new Lending(connection);
    let sent = 0;
    try {
      const result = await connection.request(method, this.#fill(params, handle, lending, options), {
        signal: this.#signal(options),
        onAnswered: options.onAnswered,
        onSent: (id) => {
          sent = id;
          connection.setProgress(id, options.onProgress);
        },
      });
      connection.checkResult(method, result);
      return result as Result;
    } catch (error) {
      throw lending.causeOf(error);
    } finally {
      connection.setProgress(sent, undefined);
      void lending.release();
    }
  }

  /** Calls a method that returns a stream, and yields its values, checked. */
  async *stream<Item>(
    method: string,
    params: CallParams,
    options: RemoteCallOptions = {},
  ): AsyncGenerator<Item, void> {
    for await (const { value } of this.#values(method, params, options)) yield value as Item;
  }

  /** Calls a method that returns a stream of bytes. */
  async *bytes(
    method: string,
    params: CallParams,
    options: RemoteCallOptions = {},
  ): AsyncGenerator<Uint8Array, void> {
    let file: string | undefined;
    const perNext: PerNext = {
      params: ({ folder }) => {
        file ??= folder.take();
        return { file };
      },
      over: ({ folder }) => {
        if (file !== undefined) folder.give(file);
      },
    };
    for await (const item of this.#values(method, params, options, perNext)) {
      yield await readBytes(item.connection, item.value as WireBytes, file);
    }
  }

  /** Closes the instance; calls that run reject. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed.abort(this.#options.closed);
    if (this.#connection.alive) {
      const instance = await this.#handle.catch(() => undefined);
      const signal = AbortSignal.timeout(endMilliseconds);
      if (instance !== undefined) {
        await this.#connection.request("close", { instance }, { signal }).catch(() => undefined);
      }
    }
    await this.#options.onClosed?.();
  }

  async *#values(
    method: string,
    params: CallParams,
    options: RemoteCallOptions,
    perNext?: PerNext,
  ): AsyncGenerator<{ readonly connection: GuestConnection; readonly value: unknown }, void> {
    this.check(options);
    const { connection, handle } = await this.connect();
    const lending = new Lending(connection);
    const signal = this.#signal(options);
    let sent = 0;
    let stream: number | undefined;
    try {
      const answer = await connection.request(method, this.#fill(params, handle, lending, options), {
        signal,
        onSent: (id) => {
          sent = id;
          connection.setProgress(id, options.onProgress);
        },
      });
      stream = handleOfStream(connection, method, answer);
      for (;;) {
        const item = (await connection.request(
          "next",
          { stream, ...perNext?.params(connection) },
          { signal },
        )) as { readonly done?: unknown; readonly value?: unknown } | null;
        if (item?.done === true) {
          stream = undefined;
          return;
        }
        if (item?.done !== false) throw noStream(connection, method);
        connection.checkResult(method, item.value);
        yield { connection, value: item.value };
      }
    } catch (error) {
      // A stream that failed is over; one that was aborted has to be told.
      if (!signal.aborted) stream = undefined;
      throw lending.causeOf(error);
    } finally {
      connection.setProgress(sent, undefined);
      const ended =
        stream === undefined || !connection.alive
          ? Promise.resolve()
          : connection.request("end", { stream }, { signal: AbortSignal.timeout(endMilliseconds) }).then(
              () => undefined,
              () => undefined,
            );
      const released = ended.then(async () => {
        await lending.release();
        perNext?.over(connection);
      });
      if (!signal.aborted) await released;
    }
  }

  #fill(params: CallParams, instance: number, lending: Lending, options: RemoteCallOptions): RpcParams {
    const filled = typeof params === "function" ? params(lending) : params;
    return { instance, ...filled, ...(options.onProgress === undefined ? {} : { progress: true }) };
  }

  #signal({ signal }: CallOptions): AbortSignal {
    return signal === undefined ? this.#closed.signal : AbortSignal.any([this.#closed.signal, signal]);
  }
}

function handleOfStream(connection: GuestConnection, method: string, answer: unknown): number {
  const stream = (answer as { readonly stream?: unknown } | null)?.stream;
  if (Number.isSafeInteger(stream)) return stream as number;
  throw noStream(connection, method);
}

function noStream(connection: GuestConnection, method: string): RmtcError {
  return connection.breach(
    new RmtcError("RMTC_EXTENSION_INVALID", `The guest's stream of ${method} breaks the protocol.`, {
      subject: method,
    }),
  );
}

async function readBytes(
  connection: GuestConnection,
  place: WireBytes,
  file: string | undefined,
): Promise<Uint8Array> {
  try {
    if (place.file === file) return (await connection.folder.read([place]))[0] as Uint8Array;
    throw new RmtcError("RMTC_PATH_INVALID", `The guest named the file ${place.file} instead of ${file}.`);
  } catch (error) {
    throw error instanceof RmtcError ? connection.breach(error) : error;
  }
}
