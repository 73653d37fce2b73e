// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { MetricPoint, MetricValue } from "@rmtc/contract";
import type { RunStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { point, pointTime, readPoints, short, startedRun } from "./sample-runs.ts";

/** How metric points come in, which of them count, and how they are read. */
export const metricsCases: readonly RunStoreCase[] = [
  {
    id: "run-store.metrics.round-trip",
    level: "must",
    spec: "run-store.md#rmtc-run-030",
    title: "gives points back exactly",
    async run({ store }) {
      const run = await startedRun(store);
      const values: readonly MetricValue[] = [
        0,
        -1.5,
        0.1,
        1e-300,
        5e-324,
        1.7976931348623157e308,
        2 ** 53 + 2,
        1e21,
      ];
      const points = values.map(
        (value, step): MetricPoint => ({ key: "loss", step, value, at: `2026-11-22T10:00:00.00${step}Z` }),
      );
      await store.logMetrics({ run, attempt: 1, batch: 1, points });
      assertSame(await readPoints(store, run), points);
    },
  },
  {
    id: "run-store.metrics.not-finite",
    level: "must",
    spec: "run-store.md#rmtc-run-031",
    title: "keeps values that JSON has no number for, by their names",
    async run({ store }) {
      const run = await startedRun(store);
      const points = (["NaN", "Infinity", "-Infinity", 0] as const).map((value, step) =>
        point("loss", step, value),
      );
      await store.logMetrics({ run, attempt: 1, batch: 1, points });
      assertSame(await readPoints(store, run), points);
      const [summary] = await store.summarizeMetrics(run);
      assertSame(summary, { key: "loss", count: 4, last: points[3] });
    },
  },
  {
    id: "run-store.metrics.order",
    level: "must",
    spec: "run-store.md#rmtc-run-032",
    title: "orders points by key in UTF-8 bytes, then step as a number, then arrival",
    async run({ store }) {
      const run = await startedRun(store);
      const keys = ["A", "a", "a/b", "a0", "\u00e4", "\uffdc", "\u{1f3ac}"];
      const points = [...keys]
        .reverse()
        .flatMap((key) => [point(key, 10, 1), point(key, 9, 2), point(key, 10, 3)]);
      await store.logMetrics({ run, attempt: 1, batch: 1, points: points.slice(0, 10) });
      await store.logMetrics({ run, attempt: 1, batch: 2, points: points.slice(10) });
      await store.logMetrics({ run, attempt: 1, batch: 3, points: [point("a", 9, 4), point("a", 100, 5)] });
      const wanted = keys.flatMap((key) =>
        key === "a"
          ? ["a 9 2", "a 9 4", "a 10 1", "a 10 3", "a 100 5"]
          : [`${key} 9 2`, `${key} 10 1`, `${key} 10 3`],
      );
      for (const limit of [1, 2, 3, 1_000]) {
        assertSame(short(await readPoints(store, run, { limit })), wanted, `limit ${limit}`);
      }
    },
  },
  {
    id: "run-store.metrics.repeated-batch",
    level: "must",
    spec: "run-store.md#rmtc-run-033",
    title: "ignores a batch that it has taken already",
    async run({ store }) {
      const run = await startedRun(store);
      await store.logMetrics({ run, attempt: 1, batch: 1, points: [point("loss", 1)] });
      await store.logMetrics({ run, attempt: 1, batch: 2, points: [point("loss", 2)] });
      for (const batch of [1, 2, 1]) {
        await store.logMetrics({ run, attempt: 1, batch, points: [point("loss", batch)] });
      }
      await store.logMetrics({ run, attempt: 1, batch: 3, points: [point("loss", 3)] });
      assertSame(short(await readPoints(store, run)), ["loss 1 1", "loss 2 2", "loss 3 3"]);
    },
  },
  {
    id: "run-store.metrics.batch-gap",
    level: "must",
    spec: "run-store.md#rmtc-run-034",
    title: "refuses a batch when one before it was left out",
    async run({ store }) {
      const run = await startedRun(store);
      const log = (batch: number): Promise<void> =>
        store.logMetrics({ run, attempt: 1, batch, points: [point("loss", batch)] });
      for (const batch of [2, 3, 0, -1]) await rejectsWith(() => log(batch), "RMTC_STATE_INVALID");
      await log(1);
      await rejectsWith(() => log(3), "RMTC_STATE_INVALID");
      await log(2);
      assertSame(short(await readPoints(store, run)), ["loss 1 1", "loss 2 2"]);
    },
  },
  {
    id: "run-store.metrics.batch-per-attempt",
    level: "must",
    spec: "run-store.md#rmtc-run-034",
    title: "counts batches of each attempt from 1 on, also empty ones",
    async run({ store }) {
      const run = await startedRun(store);
      await store.logMetrics({ run, attempt: 1, batch: 1, points: [] });
      await store.logMetrics({ run, attempt: 1, batch: 2, points: [point("loss", 1)] });
      await store.startAttempt({ run, resumeAfterStep: 1 });
      await rejectsWith(
        () => store.logMetrics({ run, attempt: 2, batch: 3, points: [point("loss", 9)] }),
        "RMTC_STATE_INVALID",
      );
      await store.logMetrics({ run, attempt: 2, batch: 1, points: [point("loss", 2)] });
      assertSame(short(await readPoints(store, run)), ["loss 1 1", "loss 2 2"]);
    },
  },
  {
    id: "run-store.metrics.atomic",
    level: "must",
    spec: "run-store.md#rmtc-run-035",
    title: "logs no point of a batch with a malformed one, and takes the batch afterwards",
    async run({ store }) {
      const run = await startedRun(store);
      const good = point("loss", 1);
      const malformed: readonly (readonly [string, unknown])[] = [
        ["key", ""],
        ["key", "k".repeat(251)],
        ["step", 1.5],
        ["step", -1],
        ["step", Number.NaN],
        ["value", Number.NaN],
        ["value", Number.POSITIVE_INFINITY],
        ["value", "nan"],
        ["value", null],
        ["at", "yesterday"],
      ];
      for (const [field, value] of malformed) {
        const bad = { ...good, [field]: value } as MetricPoint;
        const error = await rejectsWith(
          () => store.logMetrics({ run, attempt: 1, batch: 1, points: [good, bad] }),
          "RMTC_VALUE_INVALID",
        );
        assert.equal(error.pointer, `/points/1/${field}`, error.message);
      }
      assertSame(await readPoints(store, run), []);
      const longest = point("k".repeat(250), 1);
      await store.logMetrics({ run, attempt: 1, batch: 1, points: [longest] });
      assertSame(await readPoints(store, run), [longest]);
    },
  },
  {
    id: "run-store.metrics.limit",
    level: "must",
    spec: "run-store.md#rmtc-run-036",
    title: "takes at least 1,000 points in a batch, and refuses more than it declares",
    async run({ store }) {
      const run = await startedRun(store);
      const { maxBatchPoints } = store.capabilities;
      assert.ok(maxBatchPoints >= 1_000, `maxBatchPoints is ${maxBatchPoints}`);
      const one = point("loss", 1);
      const points = Array.from({ length: Math.min(maxBatchPoints + 1, 1_000_001) }, () => one);
      if (points.length > maxBatchPoints) {
        await rejectsWith(
          () => store.logMetrics({ run, attempt: 1, batch: 1, points }),
          "RMTC_LIMIT_EXCEEDED",
        );
      }
      await store.logMetrics({ run, attempt: 1, batch: 1, points: points.slice(0, 1_000) });
      assert.equal((await readPoints(store, run)).length, 1_000);
    },
  },
  {
    id: "run-store.metrics.counting",
    level: "must",
    spec: "run-store.md#rmtc-run-037",
    title: "stops counting earlier attempts' points after the step that a new attempt resumes after",
    async run({ store }) {
      const run = await startedRun(store);
      const log = (attempt: number, steps: readonly number[]): Promise<void> => {
        const points = steps.map((step) => point("loss", step, attempt));
        return store.logMetrics({ run, attempt, batch: 1, points });
      };
      await log(1, [1, 2, 3, 4, 5]);
      assert.equal((await readPoints(store, run)).length, 5);
      await store.startAttempt({ run, resumeAfterStep: 3 });
      assertSame(short(await readPoints(store, run)), ["loss 1 1", "loss 2 1", "loss 3 1"]);
      await log(2, [4, 5, 6, 7]);
      await store.startAttempt({ run, resumeAfterStep: 5 });
      await log(3, [6]);
      assertSame(short(await readPoints(store, run)), [
        "loss 1 1",
        "loss 2 1",
        "loss 3 1",
        "loss 4 2",
        "loss 5 2",
        "loss 6 3",
      ]);
    },
  },
  {
    id: "run-store.metrics.counting-back",
    level: "must",
    spec: "run-store.md#rmtc-run-037",
    title: "counts a point never again once an attempt has stopped it from counting",
    async run({ store }) {
      const run = await startedRun(store);
      const points = [1, 2, 3, 4].map((step) => point("loss", step, 1));
      await store.logMetrics({ run, attempt: 1, batch: 1, points });
      await store.startAttempt({ run, resumeAfterStep: 1 });
      await store.startAttempt({ run, resumeAfterStep: 3 });
      assertSame(short(await readPoints(store, run)), ["loss 1 1"]);
      await store.startAttempt({ run, resumeAfterStep: 100 });
      assertSame(short(await readPoints(store, run)), ["loss 1 1"]);
    },
  },
  {
    id: "run-store.metrics.counting-own",
    level: "must",
    spec: "run-store.md#rmtc-run-037",
    title: "counts an attempt's own points, also at steps it should not have come to again",
    async run({ store }) {
      const run = await startedRun(store);
      await store.logMetrics({ run, attempt: 1, batch: 1, points: [point("loss", 2, 1)] });
      await store.startAttempt({ run, resumeAfterStep: 2 });
      await store.logMetrics({
        run,
        attempt: 2,
        batch: 1,
        points: [point("loss", 1, 2), point("loss", 2, 2)],
      });
      assertSame(short(await readPoints(store, run)), ["loss 1 2", "loss 2 1", "loss 2 2"]);
    },
  },
  {
    id: "run-store.metrics.keys",
    level: "must",
    spec: "run-store.md#rmtc-run-038",
    title: "reads only the keys asked for",
    async run({ store }) {
      const run = await startedRun(store);
      const keys = ["loss", "loss/l1", "lr", "psnr", "%"];
      await store.logMetrics({ run, attempt: 1, batch: 1, points: keys.map((key) => point(key, 1)) });
      const read = async (wanted: readonly string[]): Promise<string[]> =>
        (await readPoints(store, run, { keys: wanted, limit: 1 })).map(({ key }) => key);
      assertSame(await read(["psnr", "loss"]), ["loss", "psnr"]);
      assertSame(await read(["lr", "lr", "nothing"]), ["lr"]);
      assertSame(await read(["%"]), ["%"]);
      assertSame(await read([]), []);
    },
  },
  {
    id: "run-store.metrics.runs-apart",
    level: "must",
    spec: "run-store.md#rmtc-run-038",
    title: "keeps the points of runs apart",
    async run({ store }) {
      const runs = [await startedRun(store), await startedRun(store), await startedRun(store)];
      await Promise.all(
        runs.slice(0, 2).map(async (run, index) => {
          for (let batch = 1; batch <= 5; batch++) {
            await store.logMetrics({ run, attempt: 1, batch, points: [point("loss", batch, index)] });
          }
        }),
      );
      const [first, second, third] = runs;
      assert.ok(first && second && third);
      assertSame(
        (await readPoints(store, first)).map(({ value }) => value),
        [0, 0, 0, 0, 0],
      );
      assertSame(
        (await readPoints(store, second)).map(({ value }) => value),
        [1, 1, 1, 1, 1],
      );
      assertSame(await readPoints(store, third), []);
    },
  },
  {
    id: "run-store.metrics.pages-stable",
    level: "must",
    spec: "run-store.md#rmtc-run-039",
    title: "neither repeats nor misses points when others come in between pages",
    async run({ store }) {
      const run = await startedRun(store);
      const points = Array.from({ length: 9 }, (_, index) => point("loss", index * 10, index));
      await store.logMetrics({ run, attempt: 1, batch: 1, points });
      const seen: MetricPoint[] = [];
      let cursor: string | undefined;
      let batch = 1;
      do {
        const page = await store.readMetrics({ run, limit: 2, cursor });
        seen.push(...page.points);
        cursor = page.next;
        batch += 1;
        const early = [point("aaa", batch, 99), point("loss", 0, 99)];
        await store.logMetrics({ run, attempt: 1, batch, points: early });
      } while (cursor !== undefined && batch < 50);
      const old = seen.filter(({ value }) => value !== 99);
      assertSame(old, points);
    },
  },
  {
    id: "run-store.metrics.refused",
    level: "must",
    spec: "run-store.md#rmtc-run-040",
    title:
      "refuses limits that are not integers from 1 to 100,000, and cursors of another request or of nobody's",
    async run({ store }) {
      const [run, other] = [await startedRun(store), await startedRun(store)];
      for (const one of [run, other]) {
        const points = [point("loss", 1), point("loss", 2)];
        await store.logMetrics({ run: one, attempt: 1, batch: 1, points });
      }
      for (const limit of [0, -1, 100_001, 1.5, Number.NaN]) {
        await rejectsWith(() => store.readMetrics({ run, limit }), "RMTC_OPTION_INVALID");
      }
      assert.equal((await store.readMetrics({ run, limit: 100_000 })).points.length, 2);
      const { next } = await store.readMetrics({ run, limit: 1 });
      assert.ok(next !== undefined, "there is no next page");
      for (const request of [
        { run: other, limit: 1, cursor: next },
        { run, keys: ["loss"], limit: 1, cursor: next },
        { run, limit: 1, cursor: "nobody's" },
        { run, limit: 1, cursor: "" },
      ]) {
        await rejectsWith(() => store.readMetrics(request), "RMTC_CURSOR_INVALID");
      }
    },
  },
  {
    id: "run-store.metrics.summary",
    level: "must",
    spec: "run-store.md#rmtc-run-041",
    title: "sums up the points of each key that count, with the last of the highest step",
    async run({ store }) {
      const run = await startedRun(store);
      assertSame(await store.summarizeMetrics(run), []);
      await store.logMetrics({
        run,
        attempt: 1,
        batch: 1,
        points: [
          point("loss", 9, 0.9),
          point("loss", 10, 0.5),
          point("loss", 10, 0.4),
          point("loss", 2, 7),
          point("lr", 1, 1),
        ],
      });
      assertSame(byKey(await store.summarizeMetrics(run)), [
        { key: "loss", count: 4, last: point("loss", 10, 0.4) },
        { key: "lr", count: 1, last: point("lr", 1, 1) },
      ]);
      await store.startAttempt({ run, resumeAfterStep: 1 });
      await store.logMetrics({ run, attempt: 2, batch: 1, points: [point("lr", 1, 2)] });
      assertSame(await store.summarizeMetrics(run), [{ key: "lr", count: 2, last: point("lr", 1, 2) }]);
    },
  },
  {
    id: "run-store.metrics.many",
    level: "must",
    spec: "run-store.md#rmtc-run-030",
    title: "keeps tens of thousands of points in order",
    async run({ store, size }) {
      const run = await startedRun(store);
      const perBatch = Math.min(size(10_000, 100), store.capabilities.maxBatchPoints);
      for (let batch = 1; batch <= 3; batch++) {
        const points = Array.from({ length: perBatch }, (_, index) =>
          point(index % 2 === 0 ? "loss" : "psnr", (batch - 1) * perBatch + index, index),
        );
        await store.logMetrics({ run, attempt: 1, batch, points });
      }
      const points = await readPoints(store, run, { limit: size(7_000, 70) });
      assert.equal(points.length, 3 * perBatch);
      for (const [index, { key, step }] of points.entries()) {
        const before = points[index - 1];
        if (before === undefined) continue;
        assert.ok(
          before.key < key || (before.key === key && before.step < step),
          `point ${index} is out of order`,
        );
      }
      assert.ok(points.every(({ at }) => at === pointTime));
    },
  },
];

function byKey<T extends { readonly key: string }>(summaries: readonly T[]): T[] {
  return [...summaries].sort((a, b) => (a.key < b.key ? -1 : 1));
}
