// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Yields what `items` yields, and ends with the signal's reason at once, even while the next item is awaited. */
export async function* abortableItems<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  if (signal === undefined) {
    yield* items;
    return;
  }
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  // Nobody may be waiting when the signal aborts.
  aborted.promise.catch(() => undefined);
  signal.addEventListener("abort", abort, { once: true });
  const iterator = items[Symbol.asyncIterator]();
  let ended = false;
  try {
    while (!ended) {
      signal.throwIfAborted();
      const { done, value } = await Promise.race([iterator.next(), aborted.promise]);
      if (done === true) ended = true;
      else yield value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // A source that hangs would hang here too.
    if (!ended) iterator.return?.().catch(() => undefined);
  }
}
