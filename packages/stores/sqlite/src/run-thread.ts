// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { workerData } from "node:worker_threads";
import {
  type MetricsRequest,
  RmtcError,
  type RunState,
  type SealIntent,
  type SetAliasRequest,
} from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import { serveThread, TransferredResult } from "@rmtc/wire";
import { AliasTable } from "./alias-table.ts";
import type { Database, DatabaseOptions } from "./database.ts";
import { MetricTable, type PackedBatch } from "./metric-table.ts";
import { numbersPerPoint, type PackedPoints } from "./packed-points.ts";
import { readMetrics } from "./read-metrics.ts";
import { RunTable } from "./run-table.ts";
import { openDatabase } from "./schema.ts";

interface OpenTables {
  readonly database: Database;
  readonly runs: RunTable;
  readonly metrics: MetricTable;
  readonly aliases: AliasTable;
}

let opened: OpenTables | undefined;

function tables(): OpenTables {
  if (opened !== undefined) return opened;
  throw new RmtcError("RMTC_STORE_CLOSED", "The store was closed; open it again.");
}

serveThread({
  open(): void {
    const database = openDatabase(workerData as DatabaseOptions);
    const runs = new RunTable(database);
    opened = { database, runs, metrics: new MetricTable(database, runs), aliases: new AliasTable(database) };
  },
  close(): void {
    opened?.database[Symbol.dispose]();
    opened = undefined;
  },
  openRun: ({ run }: { run: RecordId }) => tables().runs.open(run),
  startAttempt: ({ run, resumeAfterStep }: { run: RecordId; resumeAfterStep: number }) =>
    tables().runs.startAttempt(run, resumeAfterStep),
  endAttempt(request: { run: RecordId; attempt: number; state: RunState; message?: string }) {
    return tables().runs.endAttempt(request.run, request.attempt, request.state, request.message);
  },
  getRuns: (runs: readonly RecordId[]) => runs.map((run) => tables().runs.find(run)?.status ?? null),
  listRuns({ states, before, limit }: { states?: readonly RunState[]; before: number; limit: number }) {
    return tables()
      .runs.list(states, before, limit)
      .map(({ key, status }) => ({ key, status }));
  },
  logMetrics: (batch: PackedBatch) => tables().metrics.log(batch),
  readMetrics(request: MetricsRequest) {
    const { metrics, runs } = tables();
    const page = readMetrics(metrics, runs.get(request.run).key, request);
    return new TransferredResult(page, [page.points.numbers.buffer]);
  },
  summarizeMetrics(id: RecordId) {
    const { metrics, runs } = tables();
    const { key: run } = runs.get(id);
    const counts: number[] = [];
    const keys: PackedPoints["keys"][number][] = [];
    const numbers: number[] = [];
    for (const { code, name } of metrics.list(run)) {
      const summary = metrics.summarize(run, code);
      if (summary === undefined) continue;
      const { numbers: chunk, count } = summary.last;
      counts.push(summary.count);
      keys.push({ name, count: 1 });
      for (let column = 0; column < numbersPerPoint; column++) {
        numbers.push(chunk[(column * chunk.length) / numbersPerPoint + count - 1] as number);
      }
    }
    return { counts, points: { keys, numbers: Float64Array.from(numbers) } };
  },
  beginSeal: (intent: SealIntent) => tables().runs.beginSeal(intent),
  finishSeal: ({ run }: { run: RecordId }) => tables().runs.finishSeal(run),
  pendingSeals: () => tables().runs.pendingSeals(),
  setAlias: (request: SetAliasRequest) => tables().aliases.set(request),
  getAlias: (alias: string) => tables().aliases.history(alias, 1),
  aliasHistory: (alias: string) => tables().aliases.history(alias, -1),
  listAliases: (prefix: string) => tables().aliases.list(prefix),
});
