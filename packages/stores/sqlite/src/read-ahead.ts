// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Yields what comes, and asks for the next already, so that one side works while the other does. */
export async function* readAhead<Item>(items: AsyncGenerator<Item, void>): AsyncGenerator<Item, void> {
  try {
    let coming = items.next();
    for (;;) {
      const { done, value } = await coming;
      if (done === true) return;
      coming = items.next();
      // It is awaited when the consumer comes back, if it does.
      coming.catch(() => {});
      yield value;
    }
  } finally {
    await items.return();
  }
}
