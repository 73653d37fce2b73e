// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { once } from "node:events";
import type { CallOptions, ChangeCursor } from "@rmtc/contract";
import type { Catalog } from "./catalog.ts";
import { errorFromPostgres } from "./postgres-error.ts";

/** Yields the feed's head whenever it moved: the server says that it did, the feed says what happened. */
export async function* watchChanges(
  catalog: Catalog,
  options: CallOptions | undefined,
): AsyncGenerator<ChangeCursor, void> {
  catalog.database.check(options);
  const client = await catalog.database.connect();
  try {
    // Kept here while nobody waits: a change between two looks is not missed.
    let moved = true;
    client.on("notification", () => {
      moved = true;
    });
    await client.query(`LISTEN ${catalog.database.schema}_changes`);
    for (let told = -1; ; ) {
      if (!moved) await once(client, "notification", { ...(options?.signal && { signal: options.signal }) });
      moved = false;
      const head = await catalog.database.read(options, (query) => catalog.head(query));
      if (head === told) continue;
      told = head;
      yield catalog.cursor(head);
    }
  } catch (error) {
    throw options?.signal?.aborted === true
      ? options.signal.reason
      : errorFromPostgres(error, catalog.database.place);
  } finally {
    await client.end();
  }
}
