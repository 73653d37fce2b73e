// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { type Extension, type Inferable, RmtcError, type Role } from "@rmtc/contract";
import { validateDocument, type WireInitialize } from "@rmtc/spec";
import { BulkFiles, type BulkPlace } from "../rpc/bulk-files.ts";
import { pagesOfBytes } from "../rpc/pages-of-bytes.ts";
import type { RpcParams } from "../rpc/parse-message.ts";
import { RpcError, rpcCodes } from "../rpc/rpc-failure.ts";
import { defaultLineBytes, RpcPeer, type ServedRequest } from "../rpc/rpc-peer.ts";
import { ServedHandles } from "../rpc/served-handles.ts";
import { MethodCall } from "./method-call.ts";
import { ByteStream, roleMethods } from "./role-methods.ts";

/** The version of the protocol that this package serves. */
const protocolVersion = 1;

interface Instance extends AsyncDisposable {
  readonly name?: string;
  readonly capabilities: unknown;
}

/** One conversation of a guest with its host, from `initialize` to the end of the input. */
export class GuestSession {
  readonly #extensions: readonly Extension[];
  readonly #peer: RpcPeer;
  readonly #handles = new ServedHandles();
  readonly #instances = new Map<number, { readonly kind: string; readonly instance: Instance }>();
  #files: BulkFiles | undefined;
  #lastInstance = 0;

  constructor(extensions: readonly Extension[], output: Writable) {
    this.#extensions = extensions;
    this.#peer = new RpcPeer(output, {
      serve: (method, params, request) => this.#serve(method, params, request),
      notified: () => undefined,
    });
  }

  /** Serves until the input ends or the host breaks the protocol, and closes what is still open. */
  async run(input: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#peer.read(input);
    if (!this.#peer.alive) console.error((await this.#peer.ended).message);
    this.#peer.end(new RmtcError("RMTC_PROCESS_FAILED", "The host has gone."));
    const open = [...this.#instances.values()];
    await Promise.allSettled(open.map(({ instance }) => instance[Symbol.asyncDispose]()));
    // The host closes every instance before it ends the input, unless it has died.
    if (open.length > 0 && this.#files !== undefined) {
      await rm(this.#files.folder, { recursive: true, force: true });
    }
  }

  async #serve(method: string, params: RpcParams, request: ServedRequest): Promise<unknown> {
    if (method === "initialize") return this.#initialize(params);
    if (this.#files === undefined) {
      throw new RpcError(rpcCodes.invalidRequest, "The first request must be initialize.");
    }
    switch (method) {
      case "open":
        return await this.#open(params, request.abort.signal);
      case "close":
        return await this.#close(params.instance as number);
      case "next":
        return await this.#handles.next(params, request.abort.signal);
      case "end":
        return await this.#handles.end(params.stream as number);
      default:
        return await this.#call(this.#files, method, params, request);
    }
  }

  #initialize(params: RpcParams): unknown {
    // What a later version adds is ignored.
    const { protocol, host, folder, limits } = params as unknown as WireInitialize;
    const issue = validateDocument("wireInitialize", { protocol, host, folder, limits });
    if (issue !== undefined) {
      throw new RmtcError("RMTC_EXTENSION_INVALID", `initialize: "${issue.pointer}" ${issue.message}.`, {
        pointer: issue.pointer,
      });
    }
    if (protocol.min > protocolVersion || protocol.max < protocolVersion) {
      throw new RmtcError(
        "RMTC_EXTENSION_INVALID",
        `The host speaks versions ${protocol.min} to ${protocol.max} of the protocol; this guest ${protocolVersion}.`,
        { pointer: "/protocol" },
      );
    }
    this.#files = new BulkFiles(folder);
    this.#peer.maxSentBytes = limits?.lineBytes ?? defaultLineBytes;
    return {
      protocol: protocolVersion,
      limits: { lineBytes: defaultLineBytes },
      extensions: this.#extensions.map(({ role, name, version, contract }) => ({
        role,
        name,
        version,
        contract,
      })),
    };
  }

  async #open(params: RpcParams, signal: AbortSignal): Promise<unknown> {
    const role = params.role as Role;
    const extension = this.#extensions.find((served) => served.role === role);
    if (extension === undefined) {
      throw new RmtcError("RMTC_EXTENSION_INVALID", `This guest serves no ${role}.`, { pointer: "/role" });
    }
    const checked = await extension.options["~standard"].validate(params.options ?? {});
    if (checked.issues !== undefined) {
      const [issue] = checked.issues;
      const steps = (issue?.path ?? []).map((key) => `/${String(typeof key === "object" ? key.key : key)}`);
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `Options of ${extension.name}: "${steps.join("")}" ${issue?.message}`,
        {
          subject: extension.name,
          pointer: steps.join(""),
        },
      );
    }
    const baseFolder = String(params.baseFolder);
    const instance = await extension.open(checked.value, { baseFolder, signal });
    const { name, capabilities } = instance;
    const losses = "losses" in instance ? { losses: instance.losses } : {};
    return { instance: this.#register(role, instance), name, capabilities, ...losses };
  }

  #register(kind: string, instance: Instance): number {
    this.#lastInstance += 1;
    this.#instances.set(this.#lastInstance, { kind, instance });
    return this.#lastInstance;
  }

  async #close(handle: number): Promise<void> {
    const found = this.#instances.get(handle);
    this.#instances.delete(handle);
    await found?.instance[Symbol.asyncDispose]();
  }

  async #call(
    files: BulkFiles,
    method: string,
    params: RpcParams,
    { id, abort }: ServedRequest,
  ): Promise<unknown> {
    const [kind = "", name = ""] = method.split("/");
    const methods = Object.hasOwn(roleMethods, kind) ? roleMethods[kind] : undefined;
    const served = methods !== undefined && Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (served === undefined) throw new RpcError(rpcCodes.methodNotFound, `There is no method ${method}.`);
    const found = this.#instances.get(params.instance as number);
    if (found?.kind !== kind) {
      throw new RpcError(rpcCodes.invalidParams, `${String(params.instance)} names no open ${kind}.`);
    }
    const call = new MethodCall(
      this.#peer,
      files,
      { id, params, signal: abort.signal },
      (inferable: Inferable) => this.#register("inferable", inferable),
    );
    const result = await served(found.instance as never, params as never, call);
    if (result instanceof ByteStream) {
      const stream = this.#handles.addStream({
        iterator: pagesOfBytes(result.bytes)[Symbol.asyncIterator](),
        abort,
        encode: (value, { file }) => writePage(files, String(file), value as Uint8Array),
      });
      return { stream };
    }
    if (!isAsyncIterable(result)) return result;
    const iterator = result[Symbol.asyncIterator]();
    return { stream: this.#handles.addStream({ iterator, abort, encode: async (value) => value }) };
  }
}

async function writePage(files: BulkFiles, file: string, page: Uint8Array): Promise<BulkPlace> {
  return (await files.write(file, [page]))[0] as BulkPlace;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
