// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ClosurePage, ClosureRequest, Edge, LinkGap, ReachedRecord } from "@rmtc/contract";
import type { Digest, RecordId } from "@rmtc/spec";

/** What a walk needs to know of the records received up to one cursor. */
export interface WalkedGraph {
  /** The record's kind and digest, or `undefined` when it is not held. */
  find(id: RecordId): { readonly kind: string; readonly digest: Digest } | undefined;
  /** The record's own links upstream; downstream, the links to it that visible records hold. */
  edgesOf(id: RecordId): readonly Edge[];
}

/** Walks a graph breadth first and yields pages, the last one perhaps short; at least one. */
export function* walkClosure(
  graph: WalkedGraph,
  { roots, direction, ignoreRelations = [], pageSize = 2_000 }: ClosureRequest,
  asOf: string,
): Generator<ClosurePage> {
  const ignored = new Set(ignoreRelations);
  const seen = new Set<RecordId>();
  const queue: ReachedRecord[] = [];
  let records: ReachedRecord[] = [];
  let gaps: LinkGap[] = [];

  for (const id of new Set(roots)) {
    const found = graph.find(id);
    if (found === undefined) gaps.push({ type: "missing", id });
    else queue.push({ id, kind: found.kind, digest: found.digest, depth: 0 });
    seen.add(id);
  }
  // The loop visits what is pushed during it: breadth first.
  for (const reached of queue) {
    if (records.length === pageSize) {
      yield { records, gaps, asOf };
      records = [];
      gaps = [];
    }
    records.push(reached);
    for (const via of graph.edgesOf(reached.id)) {
      if (ignored.has(via.rel)) continue;
      const target = graph.find(via.to);
      if (target === undefined) {
        gaps.push({ type: "missing", id: via.to, via });
      } else if (target.digest !== via.digest) {
        gaps.push({ type: "mismatch", id: via.to, via });
      } else {
        const next = direction === "upstream" ? via.to : via.from;
        const found = graph.find(next);
        if (seen.has(next) || found === undefined) continue;
        seen.add(next);
        queue.push({ id: next, kind: found.kind, digest: found.digest, depth: reached.depth + 1, via });
      }
    }
  }
  yield { records, gaps, asOf };
}
