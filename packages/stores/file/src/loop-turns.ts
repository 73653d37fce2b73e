// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";

/** After which the event loop gets a turn. */
const turnMilliseconds = 8;

/** Gives the event loop its turns during long work. */
export class LoopTurns {
  #since = performance.now();

  /** Lets other work run when some time has passed since it could. */
  async step(): Promise<void> {
    if (performance.now() - this.#since < turnMilliseconds) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
