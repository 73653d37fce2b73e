// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { RecordStore } from "@rmtc/contract";
import { GraphStore } from "@rmtc/core";
import type { RecordId } from "@rmtc/spec";
import { SqliteRecordStore } from "@rmtc/store-sqlite";
import { facilityRecords } from "./facility-records.ts";
import { type Measurement, median } from "./measurement.ts";

const recordCount = 1_000_000;
const batchRecords = 500;

/** The graph in memory beside the SQLite store that it follows, with a million records. */
export async function measure(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-bench-graph-"));
  const path = join(folder, "graph.bin");
  const open = async (): Promise<SqliteRecordStore> =>
    await SqliteRecordStore.open({ path: join(folder, "records.db") });
  const openGraph = async (): Promise<GraphStore> => {
    const store = await GraphStore.open({ store: await open(), path });
    if (store instanceof GraphStore) return store;
    throw new TypeError("The store has no graph.");
  };
  try {
    const roots = await fill(await open());
    const measurements: Measurement[] = [];
    const add = (measurement: Omit<Measurement, "bench">): void => {
      measurements.push({ bench: "graph", ...measurement });
    };
    {
      await using plain = await open();
      add({
        ...closureOf("the store's closure downstream of every licence"),
        ours: await closure(plain, roots),
      });
    }
    {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const started = performance.now();
      await using graph = await openGraph();
      await graph.whenCurrent();
      const seconds = (performance.now() - started) / 1000;
      delay.disable();
      const { records, links, bytes } = graph.progress;
      add({
        case: `made from ${records} records, ${links} links`,
        unit: "s",
        ours: seconds,
        budget: 5,
        better: "lower",
      });
      add({
        case: "longest turn while it is made",
        unit: "ms",
        ours: delay.max / 1e6,
        budget: 50,
        better: "lower",
      });
      add({ case: "memory", unit: "bytes/record", ours: bytes / records, budget: 100, better: "lower" });
      add({ ...closureOf("its closure, as records with their ways"), ours: await closure(graph, roots) });
    }
    const started = performance.now();
    await using again = await openGraph();
    await again.head();
    add({
      case: "opened again from its file",
      unit: "ms",
      ours: performance.now() - started,
      budget: 200,
      better: "lower",
    });
    add({
      case: "file",
      unit: "bytes/record",
      ours: (await stat(path)).size / recordCount,
      budget: 100,
      better: "lower",
    });
    return measurements;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function closureOf(name: string): Pick<Measurement, "case" | "unit" | "better"> {
  return { case: name, unit: "µs/record", better: "lower" };
}

/** Puts the records, closes the store, and returns the licences. */
async function fill(store: SqliteRecordStore): Promise<readonly RecordId[]> {
  await using filled = store;
  const licenses: RecordId[] = [];
  let records = [];
  for (const record of facilityRecords(recordCount)) {
    if (record.kind === "license") licenses.push(record.id);
    records.push(record);
    if (records.length < batchRecords) continue;
    await filled.put({ records });
    records = [];
  }
  if (records.length > 0) await filled.put({ records });
  return licenses;
}

async function closure(store: RecordStore, roots: readonly RecordId[]): Promise<number> {
  const times: number[] = [];
  for (let repetition = 0; repetition < 3; repetition += 1) {
    let reached = 0;
    const started = performance.now();
    for await (const page of store.closure({ roots, direction: "downstream" }))
      reached += page.records.length;
    times.push((1000 * (performance.now() - started)) / reached);
  }
  return median(times);
}
