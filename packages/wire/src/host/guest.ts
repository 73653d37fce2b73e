// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions } from "@rmtc/contract";
import type { WireExtension } from "@rmtc/spec";
import { GuestConnection, type GuestPatience } from "./guest-connection.ts";
import type { GuestCommand } from "./guest-program.ts";

/** A guest that can be started again after it has ended. */
export class Guest implements AsyncDisposable {
  /** What it serves. */
  readonly extensions: readonly WireExtension[];
  readonly #command: GuestCommand;
  readonly #patience: GuestPatience;
  #connection: GuestConnection;
  #starting: Promise<GuestConnection> | undefined;
  #closed = false;

  private constructor(command: GuestCommand, patience: GuestPatience, connection: GuestConnection) {
    this.#command = command;
    this.#patience = patience;
    this.#connection = connection;
    this.extensions = connection.extensions;
  }

  /** Starts the program. @throws RMTC_PROCESS_FAILED, RMTC_EXTENSION_INVALID as `GuestConnection.start`. */
  static async start(
    command: GuestCommand,
    patience: GuestPatience = {},
    options: CallOptions = {},
  ): Promise<Guest> {
    return new Guest(command, patience, await GuestConnection.start(command, patience, options));
  }

  /** The connection to the program that runs, or ran last. */
  get current(): GuestConnection {
    return this.#connection;
  }

  /** Returns a connection that is alive, if need be to a new process. */
  async revived(): Promise<GuestConnection> {
    if (this.#connection.alive || this.#closed) return this.#connection;
    this.#starting ??= this.#restart();
    try {
      return await this.#starting;
    } finally {
      this.#starting = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#starting?.catch(() => undefined);
    await this.#connection[Symbol.asyncDispose]();
  }

  async #restart(): Promise<GuestConnection> {
    await this.#connection[Symbol.asyncDispose]();
    this.#connection = await GuestConnection.start(this.#command, this.#patience);
    return this.#connection;
  }
}
