// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import type { ChangeCursor, ClosurePage, ClosureRequest, Edge, LinkGap, ReachedRecord } from "@rmtc/contract";
import type { Digest, RecordId } from "@rmtc/spec";
import type { ResidentGraph } from "./resident-graph.ts";

/** Links after which the event loop gets a turn. */
const linksPerTurn = 200_000;
const defaultPageRecords = 2_000;
const pageGaps = 2_000;

/**
 * Walks a closure over the records that the graph held when it had `count` of them.
 *
 * The graph may grow meanwhile: what was added later is passed over.
 */
export async function* walkGraph(
  graph: ResidentGraph,
  request: ClosureRequest,
  count: number,
  asOf: ChangeCursor,
  signal: AbortSignal | undefined,
): AsyncGenerator<ClosurePage, void> {
  const { direction, pageSize = defaultPageRecords } = request;
  const upstream = direction === "upstream";
  const ignored = graph.relationCodes(request.ignoreRelations ?? []);
  const seen = new Uint8Array((count >> 3) + 1);
  const queue: number[] = [];
  const via: number[] = [];
  const depths: number[] = [];
  /** The places in the queue from which the records were reached. */
  const parents: number[] = [];
  const ids: RecordId[] = [];
  const digests: Digest[] = [];
  const reach = (number: number, link: number, depth: number): void => {
    const bit = 1 << (number & 7);
    const byte = seen[number >> 3] as number;
    if ((byte & bit) !== 0) return;
    seen[number >> 3] = byte | bit;
    queue.push(number);
    via.push(link);
    depths.push(depth);
    parents.push(next);
  };
  let next = 0;
  let gaps: LinkGap[] = [];
  for (const id of new Set(request.roots)) {
    const number = graph.find(id);
    if (number >= 0 && number < count) reach(number, -1, 0);
    else gaps.push({ type: "missing", id });
  }
  /** Follows one link; `other` is the record at its far end. */
  const follow = (link: number, other: number, depth: number): void => {
    if (ignored.has(graph.arrays.relation[link] as number)) return;
    if (other >= 0 && other < count && graph.isMatched(link)) reach(other, link, depth);
    else gaps.push(gapOf(graph, link, count));
  };
  let walked = 0;
  do {
    const start = next;
    const end = Math.min(queue.length, start + pageSize);
    for (; next < end; next += 1) {
      const number = queue[next] as number;
      const depth = (depths[next] as number) + 1;
      const { start: starts, lastIn, nextIn } = graph.arrays;
      const last = upstream ? (starts[number + 1] as number) - 1 : (lastIn[number] as number);
      const first = upstream ? (starts[number] as number) : last < 0 ? 0 : (nextIn[last] as number);
      if (upstream ? last < first : last < 0) continue;
      for (let link = first; ; link = upstream ? link + 1 : (graph.arrays.nextIn[link] as number)) {
        const other = (upstream ? graph.arrays.target[link] : graph.arrays.owner[link]) as number;
        if (upstream || other < count) follow(link, other, depth);
        walked += 1;
        if (walked % linksPerTurn === 0) {
          await setImmediate();
          signal?.throwIfAborted();
        }
        if (gaps.length >= pageGaps) {
          yield { records: [], gaps, asOf };
          gaps = [];
        }
        if (link === last) break;
      }
    }
    const records: ReachedRecord[] = [];
    for (let place = start; place < end; place += 1) {
      const number = queue[place] as number;
      const id = graph.idAt(number);
      const digest = graph.digestAt(number);
      ids.push(id);
      digests.push(digest);
      const found = { id, kind: graph.kindAt(number), digest, depth: depths[place] as number };
      const link = via[place] as number;
      if (link < 0) {
        records.push(found);
        continue;
      }
      const parent = parents[place] as number;
      const [newer, older] = upstream ? [parent, place] : [place, parent];
      const from = queue[newer] as number;
      records.push({
        ...found,
        via: {
          from: ids[newer] as RecordId,
          rel: graph.relationAt(link),
          to: ids[older] as RecordId,
          // A link that is walked names the digest under which its target is held.
          digest: digests[older] as Digest,
          index: link - (graph.arrays.start[from] as number),
        },
      });
    }
    await setImmediate();
    signal?.throwIfAborted();
    yield { records, gaps, asOf };
    gaps = [];
  } while (next < queue.length);
}

function gapOf(graph: ResidentGraph, link: number, count: number): LinkGap {
  const edge: Edge = graph.edgeAt(link);
  const target = graph.arrays.target[link] as number;
  return { type: target >= 0 && target < count ? "mismatch" : "missing", id: edge.to, via: edge };
}
