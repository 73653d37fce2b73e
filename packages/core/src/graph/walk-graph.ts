// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import type { ChangeCursor, ClosurePage, ClosureRequest, Edge, LinkGap, ReachedRecord } from "@rmtc/contract";
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
  const reach = (number: number, link: number, depth: number): void => {
    const bit = 1 << (number & 7);
    const byte = seen[number >> 3] as number;
    if ((byte & bit) !== 0) return;
    seen[number >> 3] = byte | bit;
    queue.push(number);
    via.push(link);
    depths.push(depth);
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
    let parent = { number: -1, id: "", digest: "" };
    for (let place = start; place < end; place += 1) {
      const number = queue[place] as number;
      const id = graph.idAt(number);
      const digest = graph.digestAt(number);
      const found = { id, kind: graph.kindAt(number), digest, depth: depths[place] as number };
      const link = via[place] as number;
      if (link < 0) {
        records.push(found);
        continue;
      }
      const { owner, target, start: starts } = graph.arrays;
      const parentNumber = (upstream ? owner[link] : target[link]) as number;
      // Breadth first, the records of one parent follow each other.
      if (parent.number !== parentNumber)
        parent = { number: parentNumber, id: graph.idAt(parentNumber), digest: graph.digestAt(parentNumber) };
      records.push({
        ...found,
        via: {
          from: upstream ? parent.id : id,
          rel: graph.relationAt(link),
          to: upstream ? id : parent.id,
          // A link that is walked names the digest under which its target is held.
          digest: upstream ? digest : parent.digest,
          index: link - (starts[owner[link] as number] as number),
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
