// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ChangeCursor, Direction, Edge } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import type { Workspace } from "../workspace.ts";

const batchRecords = 500;

/** Reads every link of records, or to records, that was received up to a cursor. */
export async function* readEdges(
  workspace: Workspace,
  request: {
    readonly ids: Iterable<RecordId>;
    readonly direction: Direction;
    /** Every relation unless given. */
    readonly relations?: readonly string[] | undefined;
    readonly asOf: ChangeCursor;
    readonly signal?: AbortSignal | undefined;
  },
): AsyncGenerator<Edge, void> {
  const { direction, relations, asOf, signal } = request;
  const wanted = [...new Set(request.ids)];
  for (let start = 0; start < wanted.length; start += batchRecords) {
    const ids = wanted.slice(start, start + batchRecords);
    let cursor: string | undefined;
    do {
      const page = await workspace.records.edges(
        { ids, direction, relations, limit: 10_000, cursor, asOf },
        { signal },
      );
      yield* page.edges;
      cursor = page.next;
    } while (cursor !== undefined);
  }
}
