// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CallOptions, RmtcError } from "@rmtc/contract";

/** Refuses calls of a closed store and aborted calls. */
export class CallGuard {
  readonly #path: string;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  get closed(): boolean {
    return this.#closed;
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
      throw new RmtcError("RMTC_STORE_CLOSED", `The store ${this.#path} was closed; open it again.`, {
        subject: this.#path,
      });
    }
    options?.signal?.throwIfAborted();
  }
}
