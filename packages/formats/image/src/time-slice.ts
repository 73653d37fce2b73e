// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";

/** Milliseconds of work at a stretch; the event loop is free in between. */
const stretchMilliseconds = 8;

/** Cuts long work into short stretches, between which other events of the process have their turn. */
export class TimeSlice {
  readonly #signal: AbortSignal | undefined;
  #end: number = performance.now() + stretchMilliseconds;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    signal?.throwIfAborted();
  }

  /** Tells whether it is time to {@link rest}. */
  isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets the event loop turn once, then starts the next stretch. Throws the reason of an abort. */
  async rest(): Promise<void> {
    await setImmediate();
    this.#signal?.throwIfAborted();
    this.#end = performance.now() + stretchMilliseconds;
  }
}
