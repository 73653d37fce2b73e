// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { join } from "node:path";
import type { SchedulerCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import {
  allSlots,
  assertStill,
  beat,
  ended,
  lineIn,
  linesOf,
  runJob,
  running,
  shell,
  shown,
  signal,
  survivor,
  waitFor,
} from "./sample-jobs.ts";

/** How elements and jobs end, and how they are ended. */
export const endCases: readonly SchedulerCase[] = [
  {
    id: "scheduler.end.succeeded",
    level: "must",
    spec: "scheduler.md#rmtc-sch-030",
    title: "makes an element succeeded whose program ends with exit code 0",
    async run(context) {
      const status = await runJob(context, [shell("well", "exit 0", { retries: 3, timeoutSeconds: 60 })]);
      assertSame(shown(status), ["well.0 succeeded×1"]);
    },
  },
  {
    id: "scheduler.end.retries",
    level: "must",
    spec: "scheduler.md#rmtc-sch-031",
    title: "starts an element again after as many failures as it may have",
    async run(context) {
      const status = await runJob(context, [
        shell("third time", '[ "$RMTC_TASK_ATTEMPT" = 3 ]', { retries: 2 }),
        shell("never", "exit 1", { retries: 1 }),
        shell("once", "exit 1"),
      ]);
      assertSame(shown(status), ["third time.0 succeeded×3", "never.0 failed×2", "once.0 failed×1"]);
    },
  },
  {
    id: "scheduler.end.timeout",
    level: "must",
    spec: "scheduler.md#rmtc-sch-032",
    title: "ends an attempt that runs for too long with all its processes, whatever its exit code",
    async run(context) {
      const { folder } = context;
      const script = `trap 'exit 0' TERM; (${beat(folder, "beats")}) & wait`;
      const status = await runJob(context, [shell("slow", script, { timeoutSeconds: 0.3 })]);
      assertSame(shown(status), ["slow.0 failed×1"]);
      await assertStill(folder, "beats");
    },
  },
  {
    id: "scheduler.end.blocked",
    level: "must",
    spec: "scheduler.md#rmtc-sch-033",
    title: "blocks what comes after a failure, near and far, and runs the rest",
    async run(context) {
      const status = await runJob(context, [
        shell("flaky", "exit 7"),
        shell("after", "true", { after: ["other", "flaky"], count: 2 }),
        shell("far", "true", { after: ["after"] }),
        shell("other", "true"),
      ]);
      assertSame(shown(status), [
        "flaky.0 failed×1",
        "after.0 blocked×0",
        "after.1 blocked×0",
        "far.0 blocked×0",
        "other.0 succeeded×1",
      ]);
    },
  },
  {
    id: "scheduler.end.job-state",
    level: "must",
    spec: "scheduler.md#rmtc-sch-034",
    title: "tells running until every element is final, then cancelled before failed before succeeded",
    async run(context) {
      const { store, folder } = context;
      const slow = shell("slow", waitFor(folder, "go"));
      assert.equal((await runJob(context, [shell("well", "true")])).state, "succeeded");
      const half = await store.submit({ name: "half", tasks: [shell("bad", "exit 1"), slow] });
      const seen: string[] = [];
      for await (const { state, tasks } of store.watch(half.job)) {
        seen.push(state);
        if (tasks[0]?.state === "failed" && tasks[1]?.state === "running") await signal(folder, "go");
      }
      assert.equal(seen.at(-1), "failed");
      assert.ok(
        seen.slice(0, -1).every((state) => state === "running"),
        `it was ${seen.join(", ")}`,
      );
      const killed = await store.submit({
        name: "killed",
        tasks: [shell("bad", "exit 1"), shell("long", waitFor(folder, "never"))],
      });
      await running(context, killed.job);
      assert.equal((await store.kill(killed.job)).state, "cancelled");
    },
  },
  {
    id: "scheduler.end.facts",
    level: "must",
    spec: "scheduler.md#rmtc-sch-035",
    title: "tells exit code and times of the last attempt, and none where there is none",
    async run(context) {
      const { tasks } = await runJob(context, [
        shell("well", "exit 0"),
        shell("bad", "exit $((6 + RMTC_TASK_ATTEMPT))", { retries: 1 }),
        shell("signalled", "kill -9 $$"),
        shell("never", "true", { after: ["bad"] }),
      ]);
      const [well, bad, signalled, never] = tasks;
      assert.equal(well?.exitCode, 0);
      assert.equal(bad?.exitCode, 8);
      assert.ok(
        signalled?.exitCode === undefined || signalled.exitCode === 137,
        `it was ${signalled?.exitCode}`,
      );
      assertSame([never?.exitCode, never?.startedAt, never?.endedAt], [undefined, undefined, undefined]);
      for (const { name, startedAt, endedAt } of [well, bad, signalled].flatMap((task) => task ?? [])) {
        assert.ok(startedAt !== undefined && endedAt !== undefined, `${name} has no times`);
        assert.ok(startedAt <= endedAt, `${name} ended before it started`);
      }
    },
  },
  {
    id: "scheduler.end.lost",
    level: "must",
    spec: "scheduler.md#rmtc-sch-036",
    title:
      "starts an element again whose process was killed together with the scheduler's, and counts no failure",
    needsKill: true,
    async run(context) {
      const { store, folder, kill } = context;
      const note = `echo $PPID $$ >> '${join(folder, "starts")}'`;
      const script = `${note}; [ "$RMTC_TASK_ATTEMPT" = 1 ] || exit 0; ${waitFor(folder, "never")}`;
      const { job } = await store.submit({ name: "shot", tasks: [shell("only", script)] });
      const pids = (await lineIn(context, folder, "starts")).split(" ").map(Number);
      await kill();
      // What waits for the program goes first: a wrapper would note how it ended.
      for (const pid of pids) killProcess(pid);
      const on = await survivor(context, job);
      assertSame(shown(await ended(context, job, on)), ["only.0 succeeded×2"]);
    },
  },
  {
    id: "scheduler.kill.ends",
    level: "must",
    spec: "scheduler.md#rmtc-sch-040",
    title: "has ended the job and its processes when kill returns",
    async run(context) {
      const { store, folder } = context;
      const script = `(${beat(folder, "beats")}) & ${beat(folder, "others")}`;
      const { job } = await store.submit({ name: "shot", tasks: [shell("long", script)] });
      await lineIn(context, folder, "beats");
      await lineIn(context, folder, "others");
      const killed = await store.kill(job);
      assert.equal(killed.state, "cancelled");
      await assertStill(folder, "beats");
      await assertStill(folder, "others");
      assertSame(await store.status(job), killed);
    },
  },
  {
    id: "scheduler.kill.stubborn",
    level: "must",
    spec: "scheduler.md#rmtc-sch-041",
    title: "ends processes that do not want to",
    async run(context) {
      const { store, folder } = context;
      const { job } = await store.submit({
        name: "shot",
        tasks: [shell("stubborn", `trap '' TERM INT; ${beat(folder, "beats")}`)],
      });
      await lineIn(context, folder, "beats");
      assert.equal((await store.kill(job)).state, "cancelled");
      await assertStill(folder, "beats");
    },
  },
  {
    id: "scheduler.kill.cancelled",
    level: "must",
    spec: "scheduler.md#rmtc-sch-042",
    title: "makes what ran or waited cancelled, even with exit code 0, and starts nothing more",
    async run(context) {
      const { store, folder } = context;
      const note = `echo x >> '${join(folder, "starts")}'`;
      const { job } = await store.submit({
        name: "shot",
        tasks: [
          shell("done", "true"),
          shell("polite", `trap 'exit 0' TERM; ${beat(folder, "beats")}`, { after: ["done"], retries: 2 }),
          shell("waiting", note, { after: ["polite"] }),
          shell("queued", note, { after: ["done"], slots: allSlots }),
        ],
      });
      await lineIn(context, folder, "beats");
      const killed = await store.kill(job);
      const [done, polite, waiting] = shown(killed);
      assertSame(
        [done, polite, waiting],
        ["done.0 succeeded×1", "polite.0 cancelled×1", "waiting.0 cancelled×0"],
      );
      assertSame(await store.status(job), killed);
      assert.equal(killed.state, "cancelled");
    },
  },
  {
    id: "scheduler.kill.ended",
    level: "must",
    spec: "scheduler.md#rmtc-sch-043",
    title: "changes nothing about a job that has ended",
    async run(context) {
      const { store } = context;
      for (const script of ["true", "exit 1"]) {
        const before = await runJob(context, [
          shell("one", script),
          shell("two", "true", { after: ["one"] }),
        ]);
        assertSame(await store.kill(before.job), before);
        assertSame(await store.status(before.job), before);
      }
    },
  },
  {
    id: "scheduler.retry.again",
    level: "must",
    spec: "scheduler.md#rmtc-sch-044",
    title: "runs what did not succeed again, with no failures counted, and leaves the rest alone",
    async run(context) {
      const { store, folder } = context;
      const flaky = `[ -e '${join(folder, "mended")}' ] && ${waitFor(folder, "go")} && [ "$RMTC_TASK_ATTEMPT" -ge 4 ]`;
      const failed = await runJob(context, [
        shell("well", `echo x >> '${join(folder, "starts")}'`),
        shell("flaky", flaky, { retries: 1 }),
        shell("after", "true", { after: ["flaky"] }),
      ]);
      assertSame(shown(failed), ["well.0 succeeded×1", "flaky.0 failed×2", "after.0 blocked×0"]);
      await signal(folder, "mended");
      assert.equal((await store.retry(failed.job)).state, "running");
      await signal(folder, "go");
      const mended = await ended(context, failed.job);
      assertSame(shown(mended), ["well.0 succeeded×1", "flaky.0 succeeded×4", "after.0 succeeded×1"]);
      assertSame(mended.tasks[0], failed.tasks[0]);
      assert.equal((await linesOf(folder, "starts")).length, 1);
    },
  },
  {
    id: "scheduler.retry.killed",
    level: "must",
    spec: "scheduler.md#rmtc-sch-044",
    title: "runs a killed job to its end",
    async run(context) {
      const { store, folder } = context;
      const { job } = await store.submit({ name: "shot", tasks: [shell("one", waitFor(folder, "go"))] });
      await running(context, job);
      assertSame(shown(await store.kill(job)), ["one.0 cancelled×1"]);
      await signal(folder, "go");
      await store.retry(job);
      assertSame(shown(await ended(context, job)), ["one.0 succeeded×2"]);
    },
  },
  {
    id: "scheduler.retry.refused",
    level: "must",
    spec: "scheduler.md#rmtc-sch-045",
    title: "refuses to retry a job that has not ended",
    async run(context) {
      const { store, folder } = context;
      const { job } = await store.submit({ name: "shot", tasks: [shell("one", waitFor(folder, "go"))] });
      await rejectsWith(() => store.retry(job), "RMTC_STATE_INVALID");
      await signal(folder, "go");
      assertSame(shown(await ended(context, job)), ["one.0 succeeded×1"]);
    },
  },
];

/** Ends a process with SIGKILL, unless it is this one or gone. */
function killProcess(pid: number): void {
  if (pid === process.pid) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
