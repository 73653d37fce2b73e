// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { newRecordId, sha256 } from "@rmtc/attest";
import type { RunStore } from "@rmtc/contract";
import type { RunStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { point, readPoints, runInState, short } from "./sample-runs.ts";

/** What outlives a closed store, and an aborted call. */
export const durabilityCases: readonly RunStoreCase[] = [
  {
    id: "run-store.durable.reopen",
    level: "must",
    spec: "run-store.md#rmtc-run-092",
    title: "shows the same after it was closed and opened again",
    when: ({ durable }) => durable,
    async run({ store, reopen }) {
      const run = await runInState(store, "running");
      const points = [point("loss", 1), point("loss", 2, "NaN"), point("lr", 1, 1e-4)];
      await store.logMetrics({ run, attempt: 1, batch: 1, points });
      const sealing = await runInState(store, "sealing");
      await store.setAlias({ alias: "a", to: run, digest: sha256("1"), by: "ada" });
      await store.setAlias({ alias: "a", to: sealing, digest: sha256("2") });
      const show = async (one: RunStore): Promise<unknown> => ({
        runs: await one.listRuns({ limit: 10 }),
        points: await one.readMetrics({ run, limit: 10 }),
        summary: await one.summarizeMetrics(run),
        seals: await one.pendingSeals(),
        history: await one.aliasHistory("a"),
        aliases: await one.listAliases({}),
      });
      const before = await show(store);
      assertSame(await show(await reopen()), before);
    },
  },
  {
    id: "run-store.durable.goes-on",
    level: "must",
    spec: "run-store.md#rmtc-run-092",
    title: "goes on where it was: attempts, batches and seals hold after it was opened again",
    when: ({ durable }) => durable,
    async run({ store, reopen }) {
      const run = await runInState(store, "running");
      await store.logMetrics({ run, attempt: 1, batch: 1, points: [point("loss", 1)] });
      const sealed = await runInState(store, "sealed");
      const again = await reopen();
      await again.logMetrics({ run, attempt: 1, batch: 1, points: [point("loss", 1)] });
      await rejectsWith(
        () => again.logMetrics({ run, attempt: 1, batch: 3, points: [point("loss", 3)] }),
        "RMTC_STATE_INVALID",
      );
      await again.logMetrics({ run, attempt: 1, batch: 2, points: [point("loss", 2)] });
      assertSame(short(await readPoints(again, run)), ["loss 1 1", "loss 2 2"]);
      assert.equal((await again.startAttempt({ run, resumeAfterStep: 0 })).attempt, 2);
      await rejectsWith(() => again.startAttempt({ run: sealed, resumeAfterStep: 0 }), "RMTC_STATE_INVALID");
      const intent = { run: sealed, records: [], partition: "" };
      assert.equal((await again.beginSeal(intent)).state, "sealed");
      assert.equal((await again.openRun({ run: newRecordId() })).state, "open");
    },
  },
  {
    id: "run-store.aborted.log-midway",
    level: "must",
    spec: "run-store.md#rmtc-run-094",
    title: "keeps all or nothing of a batch that is aborted while it works",
    async run({ store, size }) {
      for (let attempt = 0; attempt < 4; attempt++) {
        const run = await runInState(store, "running");
        const length = Math.min(size(20_000, 200), store.capabilities.maxBatchPoints);
        const points = Array.from({ length }, (_, step) => point("loss", step));
        const controller = new AbortController();
        const reason = new Error("the caller went away");
        const logging = store
          .logMetrics({ run, attempt: 1, batch: 1, points }, { signal: controller.signal })
          .then(
            () => undefined,
            (error: unknown) => error,
          );
        await new Promise((resolve) => setTimeout(resolve, attempt * 2));
        controller.abort(reason);
        const error = await logging;
        const count = (await store.summarizeMetrics(run))[0]?.count ?? 0;
        if (error === undefined) assert.equal(count, length, "it acknowledged points it did not keep");
        else {
          assert.equal(error, reason, `expected the signal's reason, not ${String(error)}`);
          assert.ok(count === 0 || count === length, `it kept ${count} of ${length} points`);
        }
        await store.logMetrics({ run, attempt: 1, batch: 1, points });
        assert.equal((await store.summarizeMetrics(run))[0]?.count, length, "the batch cannot be sent again");
      }
    },
  },
];
