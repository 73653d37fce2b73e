// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { newRecordId, sha256 } from "@rmtc/attest";
import type { RunStore } from "@rmtc/contract";
import type { Operation, TraitSubject } from "../../traits/operation.ts";
import { point, runInState } from "./sample-runs.ts";

const batches = 5;

/** Every method of a run store, for the traits. */
export const runStoreTraits: TraitSubject<RunStore> = {
  prefix: "run-store",
  spec: {
    closed: "run-store.md#rmtc-run-090",
    closedTwice: "run-store.md#rmtc-run-091",
    aborted: "run-store.md#rmtc-run-093",
    blocking: "run-store.md#rmtc-run-095",
  },
  operations: [
    "openRun",
    "startAttempt",
    "endAttempt",
    "getRuns",
    "listRuns",
    "logMetrics",
    "readMetrics",
    "summarizeMetrics",
    "beginSeal",
    "finishSeal",
    "pendingSeals",
    "setAlias",
    "getAlias",
    "aliasHistory",
    "listAliases",
  ],
  needs: {},
  prepare: ({ store }) => operationsOn(store, 2, 2),
  async observe(store) {
    const { runs } = await store.listRuns({ limit: 100 });
    const metrics: unknown[] = [];
    for (const { run } of runs) metrics.push(await store.readMetrics({ run, limit: 1_000 }));
    return { runs, metrics, seals: await store.pendingSeals(), aliases: await store.listAliases({}) };
  },
  prepareHeavy({ store, size }) {
    return operationsOn(store, Math.min(size(20_000, 150), store.capabilities.maxBatchPoints), size(200, 20));
  },
};

async function operationsOn(
  store: RunStore,
  pointCount: number,
  runCount: number,
): Promise<readonly Operation<RunStore>[]> {
  const run = await runInState(store, "running");
  const points = Array.from({ length: pointCount }, (_, index) => point(`key ${index % 7}`, index));
  for (let batch = 1; batch <= 2; batch++) await store.logMetrics({ run, attempt: 1, batch, points });
  const running: string[] = [];
  for (let count = 0; count < batches; count++) running.push(await runInState(store, "running"));
  const ended: string[] = [];
  for (let count = 0; count < batches; count++) ended.push(await runInState(store, "succeeded"));
  const sealing = await runInState(store, "sealing");
  const others: string[] = [];
  for (let index = 0; index < runCount; index++) {
    others.push(await runInState(store, "open"));
    await store.setAlias({ alias: `alias ${index}`, to: run, digest: sha256("a") });
  }
  const alias = { alias: "alias 0", to: newRecordId(), digest: sha256("b") };
  const fresh = newRecordId();
  let next = 2;
  let ends = 0;
  let seals = 0;
  return [
    { name: "openRun", call: (on, options) => on.openRun({ run: fresh }, options) },
    {
      name: "startAttempt",
      call: (on, options) => on.startAttempt({ run: others[0] ?? run, resumeAfterStep: 0 }, options),
    },
    {
      name: "endAttempt",
      call: (on, options) =>
        on.endAttempt({ run: running[ends++ % batches] ?? run, attempt: 1, state: "failed" }, options),
    },
    { name: "getRuns", call: (on, options) => on.getRuns([run, ...others], options) },
    { name: "listRuns", call: (on, options) => on.listRuns({ limit: 1_000 }, options) },
    {
      name: "logMetrics",
      call: (on, options) => on.logMetrics({ run, attempt: 1, batch: ++next, points }, options),
    },
    { name: "readMetrics", call: (on, options) => on.readMetrics({ run, limit: 20_000 }, options) },
    { name: "summarizeMetrics", call: (on, options) => on.summarizeMetrics(run, options) },
    {
      name: "beginSeal",
      call: (on, options) =>
        on.beginSeal({ run: ended[seals++ % batches] ?? run, records: [], partition: "" }, options),
    },
    { name: "finishSeal", call: (on, options) => on.finishSeal({ run: sealing }, options) },
    { name: "pendingSeals", call: (on, options) => on.pendingSeals(options) },
    { name: "setAlias", call: (on, options) => on.setAlias(alias, options) },
    { name: "getAlias", call: (on, options) => on.getAlias("alias 0", options) },
    { name: "aliasHistory", call: (on, options) => on.aliasHistory("alias 0", options) },
    { name: "listAliases", call: (on, options) => on.listAliases({}, options) },
  ];
}
