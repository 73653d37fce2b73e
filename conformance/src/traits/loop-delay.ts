// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";

/**
 * Measures the longest time the event loop was busy with one turn while `work` ran, in milliseconds.
 *
 * A chain of immediates runs once in each turn, so the time between two of them is the length of the turn.
 */
export async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let running = true;
  let longest = 0;
  const probe = (async () => {
    for (let last = performance.now(); running; ) {
      await setImmediate();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
  })();
  try {
    await work();
  } finally {
    running = false;
    await probe;
  }
  return longest;
}
