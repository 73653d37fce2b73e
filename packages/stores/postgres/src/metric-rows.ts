// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import {
  type CallOptions,
  type LogMetricsRequest,
  type MetricPoint,
  type MetricSummary,
  type MetricsRequest,
  type MetricsResult,
  type MetricValue,
  RmtcError,
} from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import type { Database, Query } from "./database.ts";
import { getRun, lockRunning, wrongState } from "./run-rows.ts";

/** Points in one statement: what can be written without anyone noticing a pause. */
const pointsPerStatement = 5_000;
/** Points that are read before the event loop gets a turn. */
const pointsPerRead = 5_000;
const maxKeyLength = 250;
const notFinite: readonly unknown[] = ["NaN", "Infinity", "-Infinity"];
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Takes a batch, all or none; one that was taken already is passed over. */
export async function logMetrics(
  database: Database,
  { run: id, attempt, batch, points }: LogMetricsRequest,
  options: CallOptions | undefined,
): Promise<void> {
  checkPoints(points);
  await database.write(options, async (query) => {
    const run = await lockRunning(query, id, attempt);
    if (batch <= run.batch) return;
    if (batch !== run.batch + 1) throw wrongState(run, `batch ${run.batch + 1} comes before batch ${batch}`);
    const codes = await addSeries(query, run.key, new Set(points.map(({ key }) => key)));
    for (let start = 0; start < points.length; start += pointsPerStatement) {
      const slice = points.slice(start, start + pointsPerStatement);
      await query(
        `INSERT INTO metric SELECT p.series, p.step, $5 + p.place, p.value, p.at
         FROM unnest($1::bigint[], $2::bigint[], $3::double precision[], $4::text[])
           WITH ORDINALITY p(series, step, value, at, place)`,
        [
          slice.map(({ key }) => codes.get(key)),
          slice.map(({ step }) => step),
          slice.map(({ value }) => value),
          slice.map(({ at }) => at),
          run.arrival + start,
        ],
      );
      await setImmediate();
    }
    await query("UPDATE run SET batch = $2, arrival = $3 WHERE key = $1", [
      run.key,
      batch,
      run.arrival + points.length,
    ]);
  });
}

/** Reads one page of a run's points in order of key, step and arrival. */
export async function readMetrics(
  database: Database,
  request: MetricsRequest,
  options: CallOptions | undefined,
): Promise<MetricsResult> {
  const check = hash("sha256", JSON.stringify([request.run, request.keys ?? null])).slice(0, 16);
  let after = request.cursor === undefined ? undefined : readCursor(request.cursor, check);
  return await database.read(options, async (query) => {
    const run = await getRun(query, request.run);
    const points: MetricPoint[] = [];
    while (points.length <= request.limit) {
      const wanted = Math.min(pointsPerRead, request.limit + 1 - points.length);
      const rows = await readRows(query, run.key, request.keys, after, wanted);
      for (const [key, step, arrival, value, at] of rows) {
        if (points.length === request.limit) {
          const [lastKey, lastStep, lastArrival] = after as Place;
          return { points, next: writeCursor(check, [lastKey, lastStep, lastArrival]) };
        }
        points.push({ key, step, value: metricValue(value), at });
        after = [key, step, arrival];
      }
      if (rows.length < wanted) break;
      await setImmediate();
    }
    return { points };
  });
}

/** Sums up each key of a run. */
export async function summarizeMetrics(query: Query, id: RecordId): Promise<readonly MetricSummary[]> {
  const run = await getRun(query, id);
  const rows = await query<[string, number, number, number, string]>(
    `SELECT s.name, n.count, l.step, l.value, l.at FROM series s
     CROSS JOIN LATERAL (SELECT count(*) FROM metric m WHERE m.series = s.code) n
     CROSS JOIN LATERAL (SELECT step, value, at FROM metric m WHERE m.series = s.code
                         ORDER BY step DESC, arrival DESC LIMIT 1) l
     WHERE s.run = $1 ORDER BY s.name`,
    [run.key],
  );
  return rows.map(([key, count, step, value, at]) => ({
    key,
    count,
    last: { key, step, value: metricValue(value), at },
  }));
}

type Place = readonly [key: string, step: number, arrival: number];

async function readRows(
  query: Query,
  run: number,
  keys: readonly string[] | undefined,
  after: Place | undefined,
  limit: number,
): Promise<readonly [string, number, number, number, string][]> {
  const place =
    after === undefined ? "" : "AND s.name >= $4 AND (s.name > $4 OR (m.step, m.arrival) > ($5, $6))";
  return await query<[string, number, number, number, string]>(
    `SELECT s.name, m.step, m.arrival, m.value, m.at FROM series s JOIN metric m ON m.series = s.code
     WHERE s.run = $1 AND ($2::text[] IS NULL OR s.name = ANY($2)) ${place}
     ORDER BY s.name, m.step, m.arrival LIMIT $3`,
    [run, keys?.filter((key) => !key.includes("\0")) ?? null, limit, ...(after ?? [])],
  );
}

async function addSeries(
  query: Query,
  run: number,
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  await query(
    `INSERT INTO series (run, name) SELECT $1, n.name FROM unnest($2::text[]) n(name)
     WHERE NOT EXISTS (SELECT FROM series s WHERE s.run = $1 AND s.name = n.name)`,
    [run, [...names]],
  );
  return new Map(
    await query<[string, number]>("SELECT name, code FROM series WHERE run = $1 AND name = ANY($2)", [
      run,
      [...names],
    ]),
  );
}

function metricValue(value: number): MetricValue {
  return Number.isFinite(value) ? value : (String(value) as MetricValue);
}

/** @throws RMTC_VALUE_INVALID with a pointer to the first thing that is wrong with a batch. */
function checkPoints(points: readonly MetricPoint[]): void {
  for (const [index, { key, step, value, at }] of points.entries()) {
    if (!isKey(key)) throw invalid(index, "key", `must be a text of 1 to ${maxKeyLength} characters`);
    if (!Number.isSafeInteger(step) || step < 0) throw invalid(index, "step", "must be an integer from 0 on");
    if (!Number.isFinite(value) && !notFinite.includes(value)) {
      throw invalid(index, "value", 'must be a finite number, "NaN", "Infinity" or "-Infinity"');
    }
    if (typeof at !== "string" || !timestamp.test(at)) {
      throw invalid(index, "at", "must be a time of the form YYYY-MM-DDThh:mm:ss.sssZ");
    }
  }
}

function isKey(key: unknown): boolean {
  if (typeof key !== "string" || key === "" || key.length > maxKeyLength) return false;
  return key.isWellFormed() && !key.includes("\0");
}

function invalid(index: number, field: string, reason: string): RmtcError {
  const pointer = `/points/${index}/${field}`;
  return new RmtcError("RMTC_VALUE_INVALID", `"${pointer}" ${reason}; nothing was logged.`, { pointer });
}

function writeCursor(check: string, place: Place): string {
  return Buffer.from(JSON.stringify([check, ...place])).toString("base64url");
}

function readCursor(cursor: string, check: string): Place {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(parsed) && parsed[0] === check) {
      return [String(parsed[1]), Number(parsed[2]), Number(parsed[3])];
    }
  } catch {
    // Falls through: whatever is not JSON is as foreign as a cursor of another request.
  }
  throw new RmtcError("RMTC_CURSOR_INVALID", "The cursor is not from this request; start without one.", {
    pointer: "/cursor",
  });
}
