// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { type MetricsRequest, RmtcError } from "@rmtc/contract";
import { compareUtf8 } from "@rmtc/query";
import { type ChunkRun, mergeChunks, type PointPlace } from "./merge-chunks.ts";
import type { MetricTable } from "./metric-table.ts";
import { numbersPerPoint, type PackedPoints } from "./packed-points.ts";

/** A page of points as it crosses from the thread. */
export interface PackedMetrics {
  readonly points: PackedPoints;
  readonly next: string | undefined;
}

/** Where a page of points starts. */
interface PagePlace extends PointPlace {
  readonly key: string;
}

/** Reads one page of a run's points in order of key, step and arrival. */
export function readMetrics(metrics: MetricTable, run: number, request: MetricsRequest): PackedMetrics {
  const check = hash("sha256", JSON.stringify([request.run, request.keys ?? null])).slice(0, 16);
  const after = request.cursor === undefined ? undefined : readCursor(request.cursor, check);
  const wanted = request.keys && new Set(request.keys);
  const page: { name: string; runs: ChunkRun[] }[] = [];
  let left = request.limit;
  let last: PagePlace | undefined;
  for (const { code, name, span } of metrics.list(run)) {
    if (wanted?.has(name) === false) continue;
    const order = after === undefined ? 1 : compareUtf8(name, after.key);
    if (order < 0) continue;
    const place = order === 0 ? after : undefined;
    // A chunk that begins a whole span earlier can still reach to the place.
    const lowStep = place === undefined ? -1 : place.step - span;
    const runs: ChunkRun[] = [];
    page.push({ name, runs });
    for (const found of mergeChunks(metrics.chunks(run, code, lowStep), place)) {
      if (left === 0) return { points: joinRuns(page), next: last && writeCursor(check, last) };
      const end = Math.min(found.end, found.start + left);
      runs.push({ ...found, end });
      left -= end - found.start;
      const step = found.chunk.numbers[end - 1] as number;
      last = { key: name, step, arrival: found.chunk.arrival, index: end - 1 };
      if (end < found.end) return { points: joinRuns(page), next: writeCursor(check, last) };
    }
  }
  return { points: joinRuns(page), next: undefined };
}

function joinRuns(
  page: readonly { readonly name: string; readonly runs: readonly ChunkRun[] }[],
): PackedPoints {
  const keys = page.map(({ name, runs }) => ({
    name,
    count: runs.reduce((sum, { start, end }) => sum + end - start, 0),
  }));
  const total = keys.reduce((sum, { count }) => sum + count, 0);
  const numbers = new Float64Array(total * numbersPerPoint);
  let at = 0;
  for (const { runs } of page) {
    for (let column = 0; column < numbersPerPoint; column++) {
      for (const { chunk, start, end } of runs) {
        const offset = (column * chunk.numbers.length) / numbersPerPoint;
        numbers.set(chunk.numbers.subarray(offset + start, offset + end), at);
        at += end - start;
      }
    }
  }
  return { keys, numbers };
}

function writeCursor(check: string, { key, step, arrival, index }: PagePlace): string {
  return Buffer.from(JSON.stringify([check, key, step, arrival, index])).toString("base64url");
}

function readCursor(cursor: string, check: string): PagePlace {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(parsed) && parsed[0] === check && parsed.slice(2).every(Number.isSafeInteger)) {
      const [, key, step, arrival, index] = parsed as [string, string, number, number, number];
      return { key: String(key), step, arrival, index };
    }
  } catch {
    // Falls through: whatever is not JSON is as foreign as a cursor of another request.
  }
  throw new RmtcError(
    "RMTC_CURSOR_INVALID",
    "The cursor is not from this request; start again from the first page.",
    { pointer: "/cursor" },
  );
}
