// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newRecordId } from "@rmtc/attest";
import type { FindRequest, MetricPoint } from "@rmtc/contract";
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

/** The SQLite stores at 10⁵ records of a made-up facility, and half a million metric points. */
export async function measure(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-bench-stores-"));
  try {
    return [
      ...(await measureRecords(join(folder, "records.db"))),
      await measureMetrics(join(folder, "runs.db")),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureRecords(path: string): Promise<Measurement[]> {
  const records = [...facilityRecords(recordCount)];
  const [license] = records;
  if (license === undefined) throw new RangeError("There are no records.");
  await using store = await SqliteRecordStore.open({ path });
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
      budget: 15_000,
      better: "higher",
    },
    await measureClosure(store, license),
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

async function measureClosure(store: SqliteRecordStore, license: RmtcRecord): Promise<Measurement> {
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
    budget: 3,
    better: "lower",
  };
}

async function measureMetrics(path: string): Promise<Measurement> {
  await using store = await SqliteRunStore.open({ path });
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
    budget: 300_000,
    better: "higher",
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
