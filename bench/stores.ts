// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newRecordId } from "@rmtc/attest";
import type { FindRequest, MetricPoint, RecordStore, RunStore } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import { SqliteRecordStore, SqliteRunStore } from "@rmtc/store-sqlite";
import { facilityRecords } from "./facility-records.ts";
import { type Measurement, median } from "./measurement.ts";

const recordCount = 100_000;
const batchRecords = 500;
const batchPoints = 10_000;
const pointBatches = 50;

const finds: readonly (readonly [string, Omit<FindRequest, "limit">])[] = [
  [
    "by kind, newest first",
    { where: [{ field: "kind", op: "eq", value: "asset" }], order: { field: "created", descending: true } },
  ],
  ["by words of the name, by id", { where: [{ field: "name", op: "text", value: "zoe s001" }] }],
  ["by tag, by name", { where: [{ field: "tag", op: "eq", value: "key" }], order: { field: "name" } }],
  [
    "by time range, by kind",
    { where: [{ field: "created", op: "lt", value: "2024-01-10T00:00:00.000Z" }], order: { field: "kind" } },
  ],
];

/** What a store is held to. */
export interface StoreBudgets {
  readonly putRecordsPerSecond: number;
  readonly closureMicroseconds: number;
  readonly pointsPerSecond: number;
}

/** The SQLite stores at 10⁵ records of a made-up facility, and half a million metric points. */
export async function measure(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-bench-stores-"));
  const budgets = { putRecordsPerSecond: 15_000, closureMicroseconds: 3, pointsPerSecond: 300_000 };
  try {
    await using records = await SqliteRecordStore.open({ path: join(folder, "records.db") });
    await using runs = await SqliteRunStore.open({ path: join(folder, "runs.db") });
    return await measureStores("stores", { records, runs }, budgets);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Measures a record store and a run store, both empty. */
export async function measureStores(
  bench: string,
  stores: { readonly records: RecordStore; readonly runs: RunStore },
  budgets: StoreBudgets,
): Promise<readonly Measurement[]> {
  const measurements = [
    ...(await measureRecords(stores.records, budgets)),
    await measureMetrics(stores.runs, budgets),
  ];
  return measurements.map((measurement) => ({ ...measurement, bench }));
}

async function measureRecords(store: RecordStore, budgets: StoreBudgets): Promise<Measurement[]> {
  const records = [...facilityRecords(recordCount)];
  const [license] = records;
  if (license === undefined) throw new RangeError("There are no records.");
  const putSeconds = await timed(async () => {
    for (let start = 0; start < records.length; start += batchRecords) {
      await store.put({ records: records.slice(start, start + batchRecords) });
    }
  });
  const measurements: Measurement[] = [
    {
      bench: "stores",
      case: "put, batches of 500, to 10⁵",
      unit: "records/s",
      ours: records.length / putSeconds,
      budget: budgets.putRecordsPerSecond,
      better: "higher",
    },
    await measureClosure(store, license, budgets),
  ];
  for (const [name, request] of finds) {
    const times: number[] = [];
    for (let repetition = 0; repetition < 7; repetition += 1) {
      times.push(1000 * (await timed(async () => void (await store.find({ ...request, limit: 100 })))));
    }
    measurements.push({
      bench: "stores",
      case: `find ${name}, first 100`,
      unit: "ms",
      ours: median(times),
      budget: 50,
      better: "lower",
    });
  }
  return measurements;
}

async function measureClosure(
  store: RecordStore,
  license: RmtcRecord,
  budgets: StoreBudgets,
): Promise<Measurement> {
  const times: number[] = [];
  for (let repetition = 0; repetition < 5; repetition += 1) {
    let reached = 0;
    const seconds = await timed(async () => {
      for await (const page of store.closure({ roots: [license.id], direction: "downstream" }))
        reached += page.records.length;
    });
    times.push((1e6 * seconds) / reached);
  }
  return {
    bench: "stores",
    case: "closure downstream of a licence",
    unit: "µs/record",
    ours: median(times),
    budget: budgets.closureMicroseconds,
    better: "lower",
  };
}

async function measureMetrics(store: RunStore, budgets: StoreBudgets): Promise<Measurement> {
  const run = newRecordId();
  await store.openRun({ run });
  const { attempt } = await store.startAttempt({ run, resumeAfterStep: 0 });
  const at = new Date().toISOString();
  const batches = Array.from({ length: pointBatches }, (_, batch): MetricPoint[] =>
    Array.from({ length: batchPoints }, (_, point) => ({
      key: `loss.${point % 10}`,
      step: batch * 1000 + Math.floor(point / 10),
      value: Math.sin(point),
      at,
    })),
  );
  const seconds = await timed(async () => {
    for (const [index, points] of batches.entries())
      await store.logMetrics({ run, attempt, batch: index + 1, points });
  });
  return {
    bench: "stores",
    case: "metrics, batches of 10,000, durable",
    unit: "points/s",
    ours: (pointBatches * batchPoints) / seconds,
    budget: budgets.pointsPerSecond,
    better: "higher",
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
