// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CallOptions, contractVersions, RmtcError, type Role } from "@rmtc/contract";
import { validateDocument, type WireExtension, type WireInitialized } from "@rmtc/spec";
import packageJson from "../../package.json" with { type: "json" };
import { ExchangeFolder } from "../rpc/exchange-folder.ts";
import type { RpcParams } from "../rpc/parse-message.ts";
import { RpcError, rpcCodes } from "../rpc/rpc-failure.ts";
import { defaultLineBytes, type RequestOptions, RpcPeer, type ServedRequest } from "../rpc/rpc-peer.ts";
import { ServedHandles } from "../rpc/served-handles.ts";
import { type GuestCommand, GuestProgram } from "./guest-program.ts";

/** The version of the protocol that this package speaks. */
export const protocolVersion = 1;

/** How long a guest is waited for. */
export interface GuestPatience {
  /** For the handshake; 60 unless given. */
  readonly startSeconds?: number | undefined;
  /** For the answer to a cancelled request, and for the end; 5 unless given. */
  readonly graceSeconds?: number | undefined;
}

/**
 * One run of a guest: its program, the connection to it and the exchange folder.
 *
 * @see spec/draft/wire.md
 */
export class GuestConnection implements AsyncDisposable {
  readonly folder: ExchangeFolder;
  readonly handles: ServedHandles = new ServedHandles();
  readonly #program: GuestProgram;
  readonly #peer: RpcPeer;
  readonly #graceSeconds: number;
  readonly #progress = new Map<number, (value: unknown) => void>();
  #extensions: readonly WireExtension[] = [];
  #closing: Promise<void> | undefined;

  private constructor(folder: ExchangeFolder, command: GuestCommand, patience: GuestPatience) {
    this.folder = folder;
    this.#graceSeconds = patience.graceSeconds ?? 5;
    const program = new GuestProgram(command);
    this.#program = program;
    this.#peer = new RpcPeer(
      program.input,
      {
        serve: (method, params, request) => this.#serve(method, params, request),
        notified: (method, params) => {
          if (method === "progress") this.#progress.get(params.request as number)?.(params.value);
        },
      },
      { cancelSeconds: this.#graceSeconds, onBusy: (busy) => program.setReferenced(busy) },
    );
    void this.#peer.read(program.output);
    void program.ended.then((reason) =>
      this.#peer.end(new RmtcError("RMTC_PROCESS_FAILED", `The guest process ended: ${reason}.`)),
    );
    void this.#peer.ended.then(() => this[Symbol.asyncDispose]());
  }

  /**
   * Starts a guest and shakes hands with it.
   *
   * @throws RMTC_PROCESS_FAILED when it cannot be started, ends or takes too long.
   * @throws RMTC_EXTENSION_INVALID when it speaks another protocol.
   */
  static async start(
    command: GuestCommand,
    patience: GuestPatience = {},
    options: CallOptions = {},
  ): Promise<GuestConnection> {
    options.signal?.throwIfAborted();
    const folder = await ExchangeFolder.create();
    let connection: GuestConnection | undefined;
    try {
      connection = new GuestConnection(folder, command, patience);
      await connection.#initialize(patience.startSeconds ?? 60, options.signal);
      return connection;
    } catch (error) {
      if (connection === undefined) await folder[Symbol.asyncDispose]();
      else {
        connection.breach(new RmtcError("RMTC_PROCESS_FAILED", "The handshake failed."));
        await connection[Symbol.asyncDispose]();
      }
      throw error;
    }
  }

  /** The operating system's process id. */
  get pid(): number | undefined {
    return this.#program.pid;
  }

  get alive(): boolean {
    return this.#peer.alive;
  }

  /** What the guest serves. */
  get extensions(): readonly WireExtension[] {
    return this.#extensions;
  }

  /** Sends a request and returns its result, as it came. */
  async request(method: string, params: RpcParams, options: RequestOptions = {}): Promise<unknown> {
    return await this.#peer.request(method, params, options);
  }

  /** Has `listener` called for the progress of a request, until it is `undefined`. */
  setProgress(request: number, listener: ((value: unknown) => void) | undefined): void {
    if (listener === undefined) this.#progress.delete(request);
    else this.#progress.set(request, listener);
  }

  /**
   * Checks what a method returned.
   *
   * @throws RMTC_EXTENSION_INVALID, and ends the guest, when it does not match the schema.
   */
  checkResult(name: string, result: unknown): void {
    const issue = validateDocument("wireResult", { [name]: result });
    if (issue === undefined) return;
    const pointer = issue.pointer.slice(name.replace("/", "~1").length + 1);
    throw this.breach(
      new RmtcError(
        "RMTC_EXTENSION_INVALID",
        `The guest's result of ${name} breaks the protocol: "${pointer}" ${issue.message}.`,
        { subject: name, pointer },
      ),
    );
  }

  /** Ends the guest and every open request for what it did, and returns the error. */
  breach(error: RmtcError): RmtcError {
    this.#peer.end(error);
    return error;
  }

  /** Lets the guest end, kills it if it does not, and removes the exchange folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    if (!this.#peer.alive) this.#program.kill();
    await this.#program.end(this.#graceSeconds);
    this.#peer.end(new RmtcError("RMTC_PROCESS_FAILED", "The guest was ended by its host."));
    await this.folder[Symbol.asyncDispose]();
  }

  async #initialize(startSeconds: number, signal: AbortSignal | undefined): Promise<void> {
    const timer = setTimeout(() => {
      this.breach(
        new RmtcError("RMTC_PROCESS_FAILED", `The guest did not shake hands within ${startSeconds} s.`),
      );
    }, startSeconds * 1_000);
    try {
      const answer = await this.#peer.request(
        "initialize",
        {
          protocol: { min: protocolVersion, max: protocolVersion },
          host: { name: packageJson.name, version: packageJson.version },
          folder: this.folder.folder,
          limits: { lineBytes: defaultLineBytes },
        },
        { signal },
      );
      const issue = validateDocument("wireInitialized", answer);
      if (issue !== undefined) {
        throw new RmtcError(
          "RMTC_EXTENSION_INVALID",
          `The guest's handshake is wrong: "${issue.pointer}" ${issue.message}.`,
          { pointer: issue.pointer },
        );
      }
      const { protocol, limits, extensions } = answer as WireInitialized;
      const roles = new Set(extensions.map(({ role }) => role));
      if (protocol !== protocolVersion || roles.size < extensions.length) {
        throw new RmtcError(
          "RMTC_EXTENSION_INVALID",
          `The guest speaks version ${protocol} of the protocol, or serves a role twice; this host speaks ${protocolVersion}.`,
        );
      }
      this.#peer.maxSentBytes = limits?.lineBytes ?? defaultLineBytes;
      this.#extensions = extensions;
    } finally {
      clearTimeout(timer);
    }
  }

  async #serve(method: string, params: RpcParams, { abort }: ServedRequest): Promise<unknown> {
    if (method === "next") return await this.handles.next(params, abort.signal);
    if (method === "end") return await this.handles.end(params.stream as number);
    if (method === "callback") return await this.handles.call(params);
    throw new RpcError(rpcCodes.methodNotFound, `The host has no method ${method}.`);
  }
}

/** Tells whether a guest's extension can be used for a role. @throws RMTC_EXTENSION_INVALID when it cannot. */
export function extensionForRole(connection: GuestConnection, role: Role): WireExtension {
  const extension = connection.extensions.find((served) => served.role === role);
  if (extension === undefined) {
    const served = connection.extensions.map((one) => one.role).join(", ");
    throw new RmtcError("RMTC_EXTENSION_INVALID", `The guest serves ${served}, and no ${role}.`);
  }
  if (extension.contract === contractVersions[role]) return extension;
  throw new RmtcError(
    "RMTC_EXTENSION_INVALID",
    `${extension.name} ${extension.version} implements version ${extension.contract} of the ${role} contract; this host accepts ${contractVersions[role]}.`,
    { subject: extension.name },
  );
}
