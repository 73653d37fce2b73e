// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { type CallOptions, RmtcError } from "@rmtc/contract";

/** A step is thought to take less than 0.1 ms. */
const stepsPerTurn = 200;

/** Refuses calls of a closed store and aborted calls, and gives the event loop its turns during long ones. */
export class CallGuard {
  readonly #name: string;
  #closed = false;
  #steps = 0;

  constructor(name: string) {
    this.#name = name;
  }

  close(): void {
    this.#closed = true;
  }

  /**
   * Lets a call begin or go on.
   *
   * @throws RMTC_STORE_CLOSED when the store was closed; the signal's reason when the call was aborted.
   */
  check(options: CallOptions | undefined): void {
    if (this.#closed) {
      throw new RmtcError("RMTC_STORE_CLOSED", `The ${this.#name} was closed; open a new one.`);
    }
    options?.signal?.throwIfAborted();
  }

  /** Counts a step of a long call; now and then lets other work run, and then checks the call again. */
  async step(options: CallOptions | undefined): Promise<void> {
    this.#steps += 1;
    if (this.#steps % stepsPerTurn === 0) await this.turn(options);
  }

  /** Lets other work run, and then checks the call again. */
  async turn(options: CallOptions | undefined): Promise<void> {
    await setImmediate();
    this.check(options);
  }
}
