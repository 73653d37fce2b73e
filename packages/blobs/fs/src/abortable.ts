// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Settles as `work` does, or rejects with `signal.reason` as soon as the signal aborts. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  // The one that loses the race may reject later.
  work.catch(() => undefined);
  aborted.promise.catch(() => undefined);
  try {
    if (signal.aborted) throw signal.reason;
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Yields what `items` yields, and ends with `signal.reason` at once even while the next item is awaited. */
export async function* abortableItems<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  const iterator = items[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await abortable(iterator.next(), signal);
      if (done === true) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    // A source that hangs would never return either.
    if (!ended) iterator.return?.().catch(() => undefined);
  }
}
