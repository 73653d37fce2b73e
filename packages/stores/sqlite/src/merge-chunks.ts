// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { MetricChunk } from "./metric-table.ts";

/** The place of a point in its series: by step, then chunk, then index in the chunk. */
export interface PointPlace {
  readonly step: number;
  readonly arrival: number;
  readonly index: number;
}

/** Neighbouring points of one chunk, from `start` up to `end`. */
export interface ChunkRun {
  readonly chunk: MetricChunk;
  readonly start: number;
  readonly end: number;
}

interface OpenChunk {
  readonly chunk: MetricChunk;
  at: number;
}

/**
 * Merges the chunks of one series, which come in order of their first step, into the order of step and arrival,
 * and yields the runs that come one after another, from a place on.
 */
export function* mergeChunks(
  chunks: Iterator<MetricChunk>,
  after: PointPlace | undefined,
): Generator<ChunkRun> {
  const open: OpenChunk[] = [];
  let next = chunks.next();
  for (;;) {
    let first = firstOf(open);
    while (next.done !== true && (first === undefined || next.value.lowStep <= stepOf(first))) {
      const chunk = next.value;
      const at = after === undefined ? 0 : firstAfter(chunk, after);
      if (at < chunk.count) open.push({ chunk, at });
      first = firstOf(open);
      next = chunks.next();
    }
    if (first === undefined) return;
    const second = firstOf(open.filter((one) => one !== first));
    const { chunk, at: start } = first;
    let end = start + 1;
    while (end < chunk.count) {
      const step = chunk.numbers[end] as number;
      if (next.done !== true && step >= next.value.lowStep) break;
      if (second !== undefined && isBefore(second, step, chunk.arrival)) break;
      end += 1;
    }
    yield { chunk, start, end };
    first.at = end;
    if (end === chunk.count) open.splice(open.indexOf(first), 1);
  }
}

function firstOf(open: readonly OpenChunk[]): OpenChunk | undefined {
  let first: OpenChunk | undefined;
  for (const one of open) {
    if (first === undefined || isBefore(one, stepOf(first), first.chunk.arrival)) first = one;
  }
  return first;
}

function stepOf({ chunk, at }: OpenChunk): number {
  return chunk.numbers[at] as number;
}

function isBefore(one: OpenChunk, step: number, arrival: number): boolean {
  const difference = stepOf(one) - step;
  return difference < 0 || (difference === 0 && one.chunk.arrival < arrival);
}

function firstAfter({ numbers, arrival, count }: MetricChunk, after: PointPlace): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    const step = numbers[middle] as number;
    const isAfter =
      step > after.step ||
      (step === after.step &&
        (arrival > after.arrival || (arrival === after.arrival && middle > after.index)));
    if (isAfter) high = middle;
    else low = middle + 1;
  }
  return low;
}
