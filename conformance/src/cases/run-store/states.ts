// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { newRecordId } from "@rmtc/attest";
import type { RunState, RunStatus, RunStore } from "@rmtc/contract";
import type { RunStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { collectPages } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { nextMillisecond, point, runInState, startedRun, statusOf } from "./sample-runs.ts";

const every: readonly RunState[] = [
  "open",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "sealing",
  "sealed",
];

/** Through which states a run goes. */
export const statesCases: readonly RunStoreCase[] = [
  {
    id: "run-store.states.open",
    level: "must",
    spec: "run-store.md#rmtc-run-001",
    title: "registers an activity as open, with no attempt yet",
    async run({ store }) {
      const run = newRecordId();
      const status = await store.openRun({ run });
      assertSame(status, {
        run,
        state: "open",
        attempt: 0,
        openedAt: status.openedAt,
        updatedAt: status.updatedAt,
      });
      assert.match(status.openedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assertSame(await statusOf(store, run), status);
    },
  },
  {
    id: "run-store.states.open-again",
    level: "must",
    spec: "run-store.md#rmtc-run-002",
    title: "leaves a known run as it is when it is opened again",
    async run({ store }) {
      for (const state of every) {
        const run = await runInState(store, state);
        const before = await statusOf(store, run);
        await nextMillisecond();
        assertSame(await store.openRun({ run }), before, state);
      }
    },
  },
  {
    id: "run-store.states.get",
    level: "must",
    spec: "run-store.md#rmtc-run-003",
    title: "answers for each run in the order given, with null for an unknown one",
    async run({ store }) {
      const [first, second, unknown] = [newRecordId(), newRecordId(), newRecordId()];
      await store.openRun({ run: first });
      await store.openRun({ run: second });
      const found = await store.getRuns([second, unknown, first, second]);
      assertSame(
        found.map((status) => status?.run ?? null),
        [second, null, first, second],
      );
      assertSame(await store.getRuns([]), []);
    },
  },
  {
    id: "run-store.states.whole-life",
    level: "must",
    spec: "run-store.md#rmtc-run-010",
    title: "goes from open through running, ended and sealing to sealed",
    async run({ store }) {
      const run = newRecordId();
      const states: string[] = [];
      const keep = (status: RunStatus): unknown => states.push(`${status.state} ${status.attempt}`);
      keep(await store.openRun({ run }));
      keep(await store.startAttempt({ run, resumeAfterStep: 0 }));
      keep(await store.endAttempt({ run, attempt: 1, state: "succeeded" }));
      keep(await store.beginSeal({ run, records: [], partition: "" }));
      keep(await store.finishSeal({ run }));
      assertSame(states, ["open 0", "running 1", "succeeded 1", "sealing 1", "sealed 1"]);
      assert.equal((await statusOf(store, run))?.state, "sealed");
    },
  },
  {
    id: "run-store.states.attempts",
    level: "must",
    spec: "run-store.md#rmtc-run-011",
    title: "starts attempts that rise by one, also while one is running and after one has ended",
    async run({ store }) {
      const run = newRecordId();
      await store.openRun({ run });
      for (const [index, end] of (
        [undefined, "failed", "cancelled", "succeeded", undefined] as const
      ).entries()) {
        const attempt = index + 1;
        const status = await store.startAttempt({ run, resumeAfterStep: 0 });
        assertSame([status.state, status.attempt], ["running", attempt]);
        if (end !== undefined) await store.endAttempt({ run, attempt, state: end });
      }
      assert.equal((await statusOf(store, run))?.attempt, 5);
    },
  },
  {
    id: "run-store.states.message",
    level: "must",
    spec: "run-store.md#rmtc-run-012",
    title: "keeps why an attempt ended, until the next attempt starts",
    async run({ store }) {
      const run = await startedRun(store);
      const message = "CUDA ran out of memory \u{1f4a5}\nsee the log";
      const ended = await store.endAttempt({ run, attempt: 1, state: "failed", message });
      assert.equal(ended.message, message);
      assert.equal((await statusOf(store, run))?.message, message);
      const again = await store.startAttempt({ run, resumeAfterStep: 0 });
      assert.equal(again.message, undefined);
      assert.equal((await statusOf(store, run))?.message, undefined);
    },
  },
  {
    id: "run-store.states.times",
    level: "must",
    spec: "run-store.md#rmtc-run-013",
    title: "keeps when a run was opened and moves on when it was changed",
    async run({ store }) {
      const run = newRecordId();
      const opened = await store.openRun({ run });
      await nextMillisecond();
      const started = await store.startAttempt({ run, resumeAfterStep: 0 });
      await nextMillisecond();
      const ended = await store.endAttempt({ run, attempt: 1, state: "failed" });
      assert.equal(started.openedAt, opened.openedAt);
      assert.equal(ended.openedAt, opened.openedAt);
      assert.ok(
        opened.updatedAt < started.updatedAt && started.updatedAt < ended.updatedAt,
        "updatedAt does not rise",
      );
    },
  },
  {
    id: "run-store.states.start-refused",
    level: "must",
    spec: "run-store.md#rmtc-run-014",
    title: "starts no attempt of a run that is sealing or sealed",
    run: ({ store }) =>
      refused(store, ["sealing", "sealed"], (run) => store.startAttempt({ run, resumeAfterStep: 0 })),
  },
  {
    id: "run-store.states.end-refused",
    level: "must",
    spec: "run-store.md#rmtc-run-014",
    title: "ends no attempt that is not running",
    run: ({ store }) =>
      refused(store, ["succeeded", "failed", "cancelled", "sealing", "sealed"], (run) =>
        store.endAttempt({ run, attempt: 1, state: "failed" }),
      ),
  },
  {
    id: "run-store.states.log-refused",
    level: "must",
    spec: "run-store.md#rmtc-run-014",
    title: "logs no metrics of a run that is not running: they are closed at its end",
    run: ({ store }) =>
      refused(store, ["succeeded", "failed", "cancelled", "sealing", "sealed"], async (run) => {
        await store.logMetrics({ run, attempt: 1, batch: 1, points: [point("loss", 1)] });
      }),
  },
  {
    id: "run-store.states.seal-refused",
    level: "must",
    spec: "run-store.md#rmtc-run-014",
    title: "begins no seal of a run that has not ended",
    run: ({ store }) =>
      refused(store, ["open", "running"], (run) => store.beginSeal({ run, records: [], partition: "" })),
  },
  {
    id: "run-store.states.finish-refused",
    level: "must",
    spec: "run-store.md#rmtc-run-014",
    title: "finishes no seal that was not begun",
    run: ({ store }) =>
      refused(store, ["open", "running", "succeeded", "failed", "cancelled"], (run) =>
        store.finishSeal({ run }),
      ),
  },
  {
    id: "run-store.states.unknown",
    level: "must",
    spec: "run-store.md#rmtc-run-015",
    title: "refuses every call about a run that was never opened",
    async run({ store }) {
      const run = newRecordId();
      const calls: readonly (() => Promise<unknown>)[] = [
        () => store.startAttempt({ run, resumeAfterStep: 0 }),
        () => store.endAttempt({ run, attempt: 1, state: "failed" }),
        () => store.logMetrics({ run, attempt: 1, batch: 1, points: [point("loss", 1)] }),
        () => store.readMetrics({ run, limit: 1 }),
        () => store.summarizeMetrics(run),
        () => store.beginSeal({ run, records: [], partition: "" }),
        () => store.finishSeal({ run }),
      ];
      for (const call of calls) await rejectsWith(call, "RMTC_NOT_FOUND");
      assert.equal(await statusOf(store, run), null);
    },
  },
  {
    id: "run-store.states.stale",
    level: "must",
    spec: "run-store.md#rmtc-run-016",
    title: "refuses writes of an attempt that a newer one has replaced",
    async run({ store }) {
      const run = await startedRun(store);
      await store.logMetrics({ run, attempt: 1, batch: 1, points: [point("loss", 0)] });
      await store.startAttempt({ run, resumeAfterStep: 0 });
      const before = await statusOf(store, run);
      for (const batch of [1, 2, 3]) {
        await rejectsWith(
          () => store.logMetrics({ run, attempt: 1, batch, points: [point("loss", 2)] }),
          "RMTC_ATTEMPT_STALE",
        );
      }
      await rejectsWith(() => store.endAttempt({ run, attempt: 1, state: "failed" }), "RMTC_ATTEMPT_STALE");
      assertSame(await statusOf(store, run), before);
      assert.equal((await store.readMetrics({ run, limit: 10 })).points.length, 1);
    },
  },
  {
    id: "run-store.states.parallel-starts",
    level: "must",
    spec: "run-store.md#rmtc-run-017",
    title: "gives every attempt that starts at the same time a number of its own",
    async run({ store }) {
      const run = newRecordId();
      await store.openRun({ run });
      const starts = Array.from({ length: 8 }, () => store.startAttempt({ run, resumeAfterStep: 0 }));
      const attempts = (await Promise.all(starts)).map(({ attempt }) => attempt);
      assertSame(attempts.sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    },
  },
  {
    id: "run-store.states.parallel-ends",
    level: "must",
    spec: "run-store.md#rmtc-run-017",
    title: "lets one of several ends of an attempt win",
    async run({ store }) {
      const run = await startedRun(store);
      const ends = await Promise.allSettled(
        (["succeeded", "failed", "cancelled"] as const).map((state) =>
          store.endAttempt({ run, attempt: 1, state }),
        ),
      );
      const won = ends.filter((end) => end.status === "fulfilled");
      assert.equal(won.length, 1, `${won.length} ends were acknowledged`);
      assertSame(await statusOf(store, run), won[0]?.value);
    },
  },
  {
    id: "run-store.states.second-writer",
    level: "must",
    spec: "run-store.md#rmtc-run-018",
    title: "holds the rules of attempts and batches over several instances",
    when: ({ concurrentWriters }) => concurrentWriters,
    async run({ store, open }) {
      const second = await open();
      const run = await startedRun(store);
      await store.logMetrics({ run, attempt: 1, batch: 1, points: [point("loss", 1)] });
      await second.startAttempt({ run, resumeAfterStep: 1 });
      await rejectsWith(
        () => store.logMetrics({ run, attempt: 1, batch: 2, points: [point("loss", 2)] }),
        "RMTC_ATTEMPT_STALE",
      );
      await second.logMetrics({ run, attempt: 2, batch: 1, points: [point("loss", 2)] });
      assert.equal((await store.readMetrics({ run, limit: 10 })).points.length, 2);
      const starts = [store, second, store, second].map((one) =>
        one.startAttempt({ run, resumeAfterStep: 0 }),
      );
      assertSame((await Promise.all(starts)).map(({ attempt }) => attempt).sort(), [3, 4, 5, 6]);
    },
  },
  {
    id: "run-store.list.order",
    level: "must",
    spec: "run-store.md#rmtc-run-020",
    title: "lists runs, the one opened last first",
    async run({ store }) {
      assertSame((await store.listRuns({ limit: 10 })).runs, []);
      const ids = Array.from({ length: 7 }, () => newRecordId()).sort((a, b) => (a < b ? 1 : -1));
      for (const run of ids) {
        await store.openRun({ run });
        await nextMillisecond();
      }
      await store.startAttempt({ run: ids[0] ?? "", resumeAfterStep: 0 });
      const { runs } = await store.listRuns({ limit: 10 });
      assertSame(
        runs.map(({ run }) => run),
        [...ids].reverse(),
      );
      assertSame(runs.at(-1), await statusOf(store, ids[0] ?? ""));
    },
  },
  {
    id: "run-store.list.states",
    level: "must",
    spec: "run-store.md#rmtc-run-021",
    title: "lists only runs in the states asked for",
    async run({ store }) {
      const ids = new Map<RunState, string>();
      for (const state of every) {
        ids.set(state, await runInState(store, state));
        await nextMillisecond();
      }
      const listed = async (states: readonly RunState[] | undefined): Promise<string[]> =>
        (await store.listRuns({ states, limit: 10 })).runs.map(({ run }) => run);
      for (const state of every) assertSame(await listed([state]), [ids.get(state)], state);
      assertSame(await listed(["open", "sealed"]), [ids.get("sealed"), ids.get("open")]);
      assertSame(await listed([]), []);
      assert.equal((await listed(undefined)).length, every.length);
    },
  },
  {
    id: "run-store.list.pages",
    level: "must",
    spec: "run-store.md#rmtc-run-022",
    title: "cuts the list into pages that neither repeat nor miss a run",
    async run({ store }) {
      for (let index = 0; index < 7; index++) {
        await runInState(store, index % 3 === 0 ? "running" : "open");
        await nextMillisecond();
      }
      for (const states of [undefined, ["open"]] as const) {
        const whole = (await store.listRuns({ states, limit: 100 })).runs;
        for (const limit of [1, 2, 4, 5, 7]) {
          const pages = await collectPages((cursor) => store.listRuns({ states, limit, cursor }));
          assertSame(
            pages.flatMap(({ runs }) => runs),
            whole,
            `limit ${limit}`,
          );
          assert.ok(pages.every(({ runs }) => runs.length <= limit && runs.length > 0));
        }
      }
    },
  },
  {
    id: "run-store.list.refused",
    level: "must",
    spec: "run-store.md#rmtc-run-023",
    title: "refuses limits below 1, and cursors of another list or of nobody's",
    async run({ store }) {
      await runInState(store, "open");
      await runInState(store, "open");
      for (const limit of [0, -1, 1.5, Number.NaN]) {
        await rejectsWith(() => store.listRuns({ limit }), "RMTC_OPTION_INVALID");
      }
      const { next } = await store.listRuns({ limit: 1 });
      assert.ok(next !== undefined, "there is no next page");
      await rejectsWith(
        () => store.listRuns({ states: ["open"], limit: 1, cursor: next }),
        "RMTC_CURSOR_INVALID",
      );
      await rejectsWith(() => store.listRuns({ limit: 1, cursor: "nobody's" }), "RMTC_CURSOR_INVALID");
    },
  },
];

/** Asserts that a call is refused in these states and leaves the run as it was. */
async function refused(
  store: RunStore,
  states: readonly RunState[],
  call: (run: string) => Promise<unknown>,
): Promise<void> {
  for (const state of states) {
    const run = await runInState(store, state);
    const before = await statusOf(store, run);
    await nextMillisecond();
    await rejectsWith(() => call(run), "RMTC_STATE_INVALID");
    assertSame(await statusOf(store, run), before, `a run that is ${state} was changed`);
  }
}
