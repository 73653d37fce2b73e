// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { makeRecord, recordDigest } from "@rmtc/attest";
import type { SealIntent } from "@rmtc/contract";
import type { RunStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { point, readPoints, runInState, statusOf } from "./sample-runs.ts";

/** How the exact records of a seal are kept until they are put. */
export const sealsCases: readonly RunStoreCase[] = [
  {
    id: "run-store.seals.exact",
    level: "must",
    spec: "run-store.md#rmtc-run-050",
    title: "gives the exact records of a seal back, so that recovery puts the same bytes",
    async run({ store }) {
      const run = await runInState(store, "succeeded");
      const intent = intentFor(run);
      const status = await store.beginSeal(intent);
      assert.equal(status.state, "sealing");
      const [pending, ...others] = await store.pendingSeals();
      assertSame(others, []);
      assertSame(pending, intent);
      assertSame(pending?.records.map(recordDigest), intent.records.map(recordDigest));
    },
  },
  {
    id: "run-store.seals.copies",
    level: "must",
    spec: "run-store.md#rmtc-run-050",
    title: "is not changed by what callers do to records they gave or were given",
    async run({ store }) {
      const run = await runInState(store, "succeeded");
      const intent = intentFor(run);
      const kept = structuredClone(intent);
      await store.beginSeal(intent);
      intent.records[0]?.tags?.push("later");
      (await store.pendingSeals())[0]?.records[0]?.tags?.push("changed");
      assertSame(await store.pendingSeals(), [kept]);
    },
  },
  {
    id: "run-store.seals.again",
    level: "must",
    spec: "run-store.md#rmtc-run-051",
    title: "changes nothing when the same seal is begun again, also when it is put already",
    async run({ store }) {
      const run = await runInState(store, "failed");
      const intent = intentFor(run);
      const begun = await store.beginSeal(intent);
      assertSame(await store.beginSeal(structuredClone(intent)), begun);
      assert.equal((await store.pendingSeals()).length, 1);
      const finished = await store.finishSeal({ run });
      assertSame(await store.beginSeal(intent), finished);
      assertSame(await store.pendingSeals(), []);
    },
  },
  {
    id: "run-store.seals.other",
    level: "must",
    spec: "run-store.md#rmtc-run-052",
    title: "refuses another seal once one was begun, and once one is put",
    async run({ store }) {
      const run = await runInState(store, "cancelled");
      const intent = intentFor(run);
      await store.beginSeal(intent);
      await rejectsWith(() => store.beginSeal(intentFor(run)), "RMTC_STATE_INVALID");
      const [record] = intent.records;
      assert.ok(record);
      const touched = { ...intent, records: [{ ...record, tags: [...(record.tags ?? []), "late"] }] };
      await rejectsWith(() => store.beginSeal(touched), "RMTC_STATE_INVALID");
      assertSame(await store.pendingSeals(), [intent]);
      await store.finishSeal({ run });
      await rejectsWith(() => store.beginSeal(intentFor(run)), "RMTC_STATE_INVALID");
      assert.equal((await statusOf(store, run))?.state, "sealed");
    },
  },
  {
    id: "run-store.seals.finish",
    level: "must",
    spec: "run-store.md#rmtc-run-053",
    title: "marks a seal as put, and changes nothing when that is repeated",
    async run({ store }) {
      const run = await runInState(store, "sealing");
      const sealed = await store.finishSeal({ run });
      assert.equal(sealed.state, "sealed");
      assertSame(await store.finishSeal({ run }), sealed);
    },
  },
  {
    id: "run-store.seals.pending",
    level: "must",
    spec: "run-store.md#rmtc-run-054",
    title: "lists the seals that were begun and not finished",
    async run({ store }) {
      assertSame(await store.pendingSeals(), []);
      const runs: string[] = [];
      for (let index = 0; index < 4; index++) runs.push(await runInState(store, "sealing"));
      await runInState(store, "sealed");
      await runInState(store, "succeeded");
      await store.finishSeal({ run: runs[1] ?? "" });
      const pending = (await store.pendingSeals()).map(({ run }) => run).sort();
      assertSame(pending, [runs[0], runs[2], runs[3]].sort());
    },
  },
  {
    id: "run-store.seals.metrics-stay",
    level: "must",
    spec: "run-store.md#rmtc-run-055",
    title: "reads metrics of a sealed run as they were when it was closed",
    async run({ store }) {
      const run = await runInState(store, "running");
      const points = [point("loss", 1), point("loss", 2, "NaN")];
      await store.logMetrics({ run, attempt: 1, batch: 1, points });
      await store.endAttempt({ run, attempt: 1, state: "succeeded" });
      await store.beginSeal(intentFor(run));
      assertSame(await readPoints(store, run), points);
      await store.finishSeal({ run });
      assertSame(await readPoints(store, run), points);
      assert.equal((await store.summarizeMetrics(run))[0]?.count, 2);
    },
  },
];

/** A seal with an output, and everything in it that is easy to keep inexactly. */
function intentFor(run: string): SealIntent {
  const output = makeRecord({
    kind: "weights",
    name: "hero \u{1f3ac} e\u0301 \u2028",
    tags: ["roto"],
    body: {
      e: 1e21,
      tiny: 5e-324,
      empty: {},
      list: [null, ""],
      "10": 1,
      "9": 2,
      "\ufb33": 3,
      "\u{1f600}": 4,
    },
  });
  const link = { rel: "about", to: run, digest: recordDigest(output) };
  const seal = makeRecord({ kind: "seal", links: [link], body: { state: "succeeded" } });
  return { run, records: [output, seal], partition: "studio" };
}
