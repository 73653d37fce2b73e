// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { GuestProcess, siblingModule } from "@rmtc/wire";

/** Looks for bytes in a database's file, in a process of its own that is started when it is first needed. */
export class RemainsFinder implements AsyncDisposable {
  readonly #path: string;
  #process: GuestProcess | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Tells whether one of the byte sequences lies anywhere in the file. */
  async find(remains: readonly Uint8Array[]): Promise<boolean> {
    if (remains.length === 0) return false;
    if (this.#process?.alive !== true) {
      this.#process = new GuestProcess(siblingModule(import.meta.url, "remains-process"));
    }
    return await this.#process.call<boolean>("find", { path: this.#path, remains });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.terminate();
  }
}
