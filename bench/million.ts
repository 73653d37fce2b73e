// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordDigest } from "@rmtc/attest";
import type { FindRequest, PageCursor, QueryOrder } from "@rmtc/contract";
import { queryFields, type RecordId, type RmtcRecord } from "@rmtc/spec";
import { SqliteRecordStore } from "@rmtc/store-sqlite";
import { facilityRecords } from "./facility-records.ts";
import { type Measurement, median } from "./measurement.ts";
import { sampleFilters } from "./sample-filters.ts";

const recordCount = 1_000_000;
const batchRecords = 500;
const lastRecords = 100_000;
/** Every how many records one is kept to choose the values of filters from. */
const sampleStride = 97;
const limit = 100;
const pages = 200;

/** The SQLite record store with a million records: puts, closures, and every filter with every order. */
export async function measure(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-bench-million-"));
  try {
    await using store = await SqliteRecordStore.open({ path: join(folder, "records.db") });
    const { measurements, sample, licenses } = await measurePuts(store);
    return [
      ...measurements,
      await measureClosure(store, licenses),
      await measurePages(store),
      ...(await measureFinds(store, sample)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Filled {
  readonly measurements: readonly Measurement[];
  readonly sample: readonly RmtcRecord[];
  readonly licenses: readonly RecordId[];
}

async function measurePuts(store: SqliteRecordStore): Promise<Filled> {
  const sample: RmtcRecord[] = [];
  const licenses: RecordId[] = [];
  let records: RmtcRecord[] = [];
  let put = 0;
  let [seconds, lastSeconds] = [0, 0];
  const flush = async (): Promise<void> => {
    const started = performance.now();
    await store.put({ records });
    const taken = (performance.now() - started) / 1000;
    put += records.length;
    seconds += taken;
    if (put > recordCount - lastRecords) lastSeconds += taken;
    records = [];
  };
  let made = 0;
  for (const record of facilityRecords(recordCount)) {
    if (record.kind === "license") licenses.push(record.id);
    if (made % sampleStride === 0 || record.kind !== "asset") sample.push(record);
    made += 1;
    records.push(record);
    if (records.length === batchRecords) await flush();
  }
  if (records.length > 0) await flush();
  const common = { bench: "million", unit: "records/s", budget: 8_000, better: "higher" } as const;
  return {
    measurements: [
      { ...common, case: "put, batches of 500, from 0 to 10⁶", ours: put / seconds },
      { ...common, case: "put, the last 10⁵ of 10⁶", ours: lastRecords / lastSeconds },
    ],
    sample,
    licenses,
  };
}

async function measureClosure(store: SqliteRecordStore, roots: readonly RecordId[]): Promise<Measurement> {
  const times: number[] = [];
  for (let repetition = 0; repetition < 3; repetition += 1) {
    let reached = 0;
    const started = performance.now();
    for await (const page of store.closure({ roots, direction: "downstream" }))
      reached += page.records.length;
    times.push((1000 * (performance.now() - started)) / reached);
  }
  return {
    bench: "million",
    case: "closure downstream of every licence, ids fetched",
    unit: "µs/record",
    ours: median(times),
    budget: 3,
    better: "lower",
  };
}

/** The time of a page late in a listing beside that of an early one. */
async function measurePages(store: SqliteRecordStore): Promise<Measurement> {
  const times: number[] = [];
  let cursor: PageCursor | undefined;
  for (let page = 0; page < pages; page += 1) {
    const started = performance.now();
    const { next } = await store.find({
      where: [{ field: "kind", op: "eq", value: "asset" }],
      order: { field: "created", descending: true },
      limit,
      cursor,
    });
    times.push(performance.now() - started);
    cursor = next;
  }
  const [early, late] = [median(times.slice(1, pages / 4)), median(times.slice(-pages / 4))];
  return {
    bench: "million",
    case: `pages: the last of ${pages}, beside early ones`,
    unit: "ms",
    ours: late,
    peer: early,
    peerName: "early pages",
    better: "lower",
  };
}

async function measureFinds(
  store: SqliteRecordStore,
  sample: readonly RmtcRecord[],
): Promise<readonly Measurement[]> {
  const orders: readonly (QueryOrder | undefined)[] = [
    undefined,
    ...queryFields
      .filter(({ orderable }) => orderable)
      .flatMap(({ field }) => [{ field }, { field, descending: true }]),
  ];
  const single: Measurement[] = [];
  for (const { name, filter } of sampleFilters(
    sample.map((record) => ({ record, digest: recordDigest(record) })),
  )) {
    for (const order of orders) {
      const request: FindRequest = { where: [filter], order, limit };
      const times: number[] = [];
      for (let repetition = 0; repetition < 3; repetition += 1) {
        const started = performance.now();
        await store.find(request);
        times.push(performance.now() - started);
      }
      single.push({
        bench: "million",
        case: `find ${name}, by ${order?.field ?? "id"}${order?.descending === true ? ", descending" : ""}`,
        unit: "ms",
        ours: median(times),
        budget: 50,
        better: "lower",
        detail: true,
      });
    }
  }
  const times = single.map(({ ours }) => ours).sort((a, b) => a - b);
  const slow = times.filter((time) => time > 50).length;
  const common = { bench: "million", better: "lower" } as const;
  return [
    { ...common, case: `find, median of ${times.length} combinations`, unit: "ms", ours: median(times) },
    {
      ...common,
      case: "find, the slowest combination",
      unit: "ms",
      ours: times.at(-1) ?? Number.NaN,
      budget: 50,
    },
    { ...common, case: "find, combinations above 50 ms", unit: "combinations", ours: slow, budget: 0 },
    ...single,
  ];
}
