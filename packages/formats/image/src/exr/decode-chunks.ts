// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { availableParallelism } from "node:os";
import { TimeSlice } from "../time-slice.ts";
import type { Chunk } from "./chunk-table.ts";
import type { ExrCompression } from "./exr-image.ts";
import { inflateChunk } from "./inflate-chunk.ts";
import { expandRuns } from "./run-length.ts";
import { type ChannelSink, SplitCursor, sumOfBytes, unpackPlainRow, unpackSplitRow } from "./unpack-row.ts";

/** How chunks are worked on. */
export interface ChunkWorkOptions {
  /**
   * How many threads of Node's pool zlib keeps busy; 1 keeps all work on the calling thread, apart from chunks
   * too large for it. Default: the processors there are, 4 at most.
   */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Below this many bytes the way to a pool thread costs more than it saves. */
const poolThreshold = 2 ** 15;

/** Above this many bytes zlib would hold the event loop for too long, whatever `threads` says. */
const inlineLimit = 2 ** 22;

/** Bytes that are added up at a stretch. */
const stretchBytes = 2 ** 20;

/** Number of lanes to work in, and whether chunks of that size go to the pool. */
export function lanesFor(
  options: ChunkWorkOptions,
  chunkBytes: number,
): { readonly lanes: number; readonly inPool: boolean } {
  const threads = options.threads ?? Math.min(availableParallelism(), 4);
  const inPool = (threads > 1 && chunkBytes >= poolThreshold) || chunkBytes > inlineLimit;
  // Twice as many as there are threads, so that none waits while this one moves samples.
  return { lanes: inPool && threads > 1 ? 2 * threads : 1, inPool };
}

/**
 * Unpacks chunks into their sinks, letting the event loop turn every few milliseconds.
 *
 * @throws RMTC_FORMAT_INVALID when a chunk does not expand to its pixels.
 */
export async function decodeChunks(
  bytes: Uint8Array,
  chunks: readonly Chunk[],
  compression: ExrCompression,
  sinks: readonly ChannelSink[],
  options: ChunkWorkOptions,
): Promise<void> {
  const { lanes, inPool } = lanesFor(options, chunks[0]?.unpackedBytes ?? 0);
  const slice = new TimeSlice(options.signal);
  await inLanes(lanes, chunks, (chunk) => {
    const packed = bytes.subarray(chunk.start, chunk.start + chunk.packedBytes);
    return decodeChunk(packed, chunk, compression, sinks, slice, inPool);
  });
}

/** Works on items in order, some at a time. At the first error no more are begun, and it waits for those at work. */
export async function inLanes<Item>(
  lanes: number,
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

async function decodeChunk(
  packed: Uint8Array,
  chunk: Chunk,
  compression: ExrCompression,
  sinks: readonly ChannelSink[],
  slice: TimeSlice,
  inPool: boolean,
): Promise<void> {
  const { region } = chunk;
  // A chunk that would not have become smaller is stored as it is.
  if (chunk.packedBytes === chunk.unpackedBytes) {
    let at = 0;
    for (let row = 0; row < region.height; row++) {
      if (slice.isOver()) await slice.rest();
      at = unpackPlainRow(packed, at, sinks, region, row);
    }
    return;
  }
  const bytes =
    compression === "rle"
      ? expandRuns(packed, chunk.unpackedBytes)
      : await inflateChunk(packed, chunk.unpackedBytes, inPool);
  const half = bytes.length / 2;
  let lowSum = 0;
  for (let from = 0; from < half; from += stretchBytes) {
    if (slice.isOver()) await slice.rest();
    lowSum += sumOfBytes(bytes, from, Math.min(from + stretchBytes, half));
  }
  const cursor = new SplitCursor(bytes, lowSum);
  for (let row = 0; row < region.height; row++) {
    if (slice.isOver()) await slice.rest();
    unpackSplitRow(cursor, sinks, region, row);
  }
}
