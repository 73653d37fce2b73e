// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { integerBelow, philox4x32 } from "./philox.ts";
import { type SeedKey, splitInteger, streams } from "./seed-key.ts";

/** Items shuffled at a time before the event loop gets a turn. */
const SLICE = 65_536;

/**
 * Returns the order in which an epoch visits its items: a permutation of 0 to `count` - 1.
 *
 * It is the Fisher-Yates shuffle from the last place down, place `i` taking word `i % 4` of block `i / 4`.
 *
 * @see Knuth, "The Art of Computer Programming", volume 2, algorithm 3.4.2P
 */
export async function itemOrder(
  count: number,
  epoch: number,
  key: SeedKey,
  signal?: AbortSignal | undefined,
): Promise<Uint32Array> {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  const [epochLow, epochHigh] = splitInteger(epoch);
  let words = philox4x32([(count - 1) >>> 2, epochLow, epochHigh, streams.order], key);
  for (let place = count - 1; place > 0; place -= 1) {
    const word = place & 3;
    if (word === 3) words = philox4x32([place >>> 2, epochLow, epochHigh, streams.order], key);
    const other = integerBelow(place + 1, words[word as 0 | 1 | 2 | 3]);
    const held = order[place] as number;
    order[place] = order[other] as number;
    order[other] = held;
    if (place % SLICE === 0) {
      await setImmediate();
      signal?.throwIfAborted();
    }
  }
  return order;
}
