// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions, Inferable, TensorValue } from "@rmtc/contract";
import type { WireTensor } from "@rmtc/spec";
import type { BulkFiles, BulkPlace } from "../rpc/bulk-files.ts";
import type { RpcParams } from "../rpc/parse-message.ts";
import { RpcError, rpcCodes } from "../rpc/rpc-failure.ts";
import type { RpcPeer } from "../rpc/rpc-peer.ts";

/** What a served method has beside its parameters. */
export class MethodCall {
  /** The options that every method takes. */
  readonly options: CallOptions & { readonly signal: AbortSignal };
  /** Opens a handle for weights. */
  readonly register: (inferable: Inferable) => number;
  readonly #peer: RpcPeer;
  readonly #files: BulkFiles;
  readonly #id: number;
  readonly #params: RpcParams;

  constructor(
    peer: RpcPeer,
    files: BulkFiles,
    request: { readonly id: number; readonly params: RpcParams; readonly signal: AbortSignal },
    register: (inferable: Inferable) => number,
  ) {
    this.#peer = peer;
    this.#files = files;
    this.#id = request.id;
    this.#params = request.params;
    this.options = { signal: request.signal };
    this.register = register;
  }

  /** Tells the host of progress, if it wants to know. */
  get onProgress(): ((value: unknown) => void) | undefined {
    if (this.#params.progress !== true) return undefined;
    return (value) => this.#peer.notify("progress", { request: this.#id, value });
  }

  /** Pulls bytes that the host lends. */
  async *bytes(lent: unknown): AsyncGenerator<Uint8Array, void> {
    const stream = numberOf(lent, "stream");
    let over = false;
    try {
      for (;;) {
        const item = (await this.#peer.request("next", { stream }, this.options)) as
          | { readonly done: true }
          | { readonly done: false; readonly value: BulkPlace };
        if (item.done) {
          over = true;
          return;
        }
        yield (await this.#files.read([item.value]))[0] as Uint8Array;
      }
    } finally {
      if (!over) void this.#peer.request("end", { stream }).catch(() => undefined);
    }
  }

  /** Calls a function that the host lends. */
  async callback(lent: unknown, params: RpcParams): Promise<unknown> {
    return await this.#peer.request(
      "callback",
      { callback: numberOf(lent, "callback"), params },
      this.options,
    );
  }

  async readTensors(
    tensors: Readonly<Record<string, WireTensor>>,
  ): Promise<Readonly<Record<string, TensorValue>>> {
    const entries = Object.entries(tensors);
    const blocks = await this.#files.read(entries.map(([, tensor]) => tensor));
    return Object.fromEntries(
      entries.map(([name, { dtype, shape }], index) => [
        name,
        { dtype, shape, data: blocks[index] as Uint8Array },
      ]),
    );
  }

  async writeTensors(
    file: string,
    tensors: Readonly<Record<string, TensorValue>>,
  ): Promise<Readonly<Record<string, WireTensor>>> {
    const entries = Object.entries(tensors);
    const places = await this.#files.write(
      file,
      entries.map(([, { data }]) => data),
    );
    return Object.fromEntries(
      entries.map(([name, { dtype, shape }], index) => [
        name,
        { dtype, shape: [...shape], ...(places[index] as BulkPlace) },
      ]),
    );
  }
}

function numberOf(value: unknown, field: "stream" | "callback"): number {
  const handle = (value as Readonly<Record<string, unknown>> | undefined)?.[field];
  if (typeof handle === "number") return handle;
  throw new RpcError(rpcCodes.invalidParams, `A parameter must be { "${field}": <handle> }.`);
}
