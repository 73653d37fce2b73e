// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { CallOptions, Scheduler } from "@rmtc/contract";
import type { SchedulerCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { collect } from "../support/collect.ts";
import { within } from "../support/within.ts";
import { ended, lineIn, logOf, running, shell, shown, signal, survivor, waitFor } from "./sample-jobs.ts";

/** What becomes of jobs when instances, processes and callers go away. */
export const lastingCases: readonly SchedulerCase[] = [
  {
    id: "scheduler.lasting.submitter-ends",
    level: "must",
    spec: "scheduler.md#rmtc-sch-060",
    title: "goes on with a job when the instance that submitted it was closed",
    when: ({ detached }) => detached,
    async run(context) {
      const { store, folder, reopen } = context;
      const { job } = await store.submit({
        name: "shot",
        tasks: [shell("first", waitFor(folder, "go")), shell("second", "true", { after: ["first"] })],
      });
      await running(context, job);
      const again = await reopen();
      await signal(folder, "go");
      assertSame(shown(await ended(context, job, again)), ["first.0 succeeded×1", "second.0 succeeded×1"]);
    },
  },
  {
    id: "scheduler.lasting.shared",
    level: "must",
    spec: "scheduler.md#rmtc-sch-061",
    title: "lets every instance see, watch, read, kill and retry the jobs of others",
    when: ({ detached }) => detached,
    async run(context) {
      const { store, folder, open } = context;
      const other = await open();
      const script = `echo started; ${waitFor(folder, "go")}`;
      const { job } = await store.submit({ name: "shot", tasks: [shell("one", script)] });
      assertSame(
        (await other.list({ limit: 10 })).jobs.map((one) => one.job),
        [job],
      );
      const watching = ended(context, job, other);
      // Where something else goes wrong first, nobody is left to hear of this.
      watching.catch(() => undefined);
      await running(context, job);
      assertSame(shown(await other.kill(job)), ["one.0 cancelled×1"]);
      assertSame(await watching, await store.status(job));
      await signal(folder, "go");
      await other.retry(job);
      assertSame(shown(await ended(context, job)), ["one.0 succeeded×2"]);
      assert.match(await logOf({ ...context, store: other }, { job, task: "one" }), /started\n$/);
    },
  },
  {
    id: "scheduler.lasting.killed",
    level: "must",
    spec: "scheduler.md#rmtc-sch-062",
    title: "goes on with jobs when the scheduler's own processes were killed, and learns how elements ended",
    needsKill: true,
    async run(context) {
      const { store, folder, kill } = context;
      const note = `echo x >> '${join(folder, "starts")}'`;
      const { job } = await store.submit({
        name: "shot",
        tasks: [
          shell("well", `${note}; ${waitFor(folder, "go")}`),
          shell("then", "true", { after: ["well"] }),
          shell("bad", `${note}; ${waitFor(folder, "go")}; exit 9`),
        ],
      });
      await lineIn(context, folder, "starts");
      await running(context, job);
      await kill();
      await signal(folder, "go");
      const status = await ended(context, job, await survivor(context, job));
      const [well, then] = shown(status);
      assertSame([well, then], ["well.0 succeeded×1", "then.0 succeeded×1"]);
      assert.equal(status.tasks[2]?.exitCode, 9);
      assert.equal(status.state, "failed");
    },
  },
  {
    id: "scheduler.lasting.reopened",
    level: "must",
    spec: "scheduler.md#rmtc-sch-062",
    title: "goes on with jobs when an instance is opened after the scheduler's own processes were killed",
    needsKill: true,
    when: ({ detached }) => detached,
    async run(context) {
      const { store, folder, kill, reopen } = context;
      const note = `echo x >> '${join(folder, "ends")}'`;
      const { job } = await store.submit({
        name: "shot",
        tasks: [shell("first", waitFor(folder, "go")), shell("last", note, { after: ["first"] })],
      });
      await running(context, job);
      await kill();
      const again = await reopen();
      await signal(folder, "go");
      // Nobody asks for the job: to open an instance is enough.
      await lineIn(context, folder, "ends");
      assert.equal((await ended(context, job, again)).state, "succeeded");
    },
  },
  leavesJob("watch", (store, job, options) => collect(store.watch(job, options))),
  leavesJob("logs", (store, job, options) =>
    collect(store.logs({ job, task: "one" }, { ...options, follow: true })),
  ),
];

/** A case that aborts a look at a job and sees that the job does not care. */
function leavesJob(
  name: string,
  look: (store: Scheduler, job: string, options: CallOptions) => Promise<unknown>,
): SchedulerCase {
  return {
    id: `scheduler.aborted.${name}-leaves-job`,
    level: "must",
    spec: "scheduler.md#rmtc-sch-064",
    title: `changes nothing about a job whose ${name} is aborted`,
    async run(context) {
      const { store, folder, size } = context;
      const { job } = await store.submit({ name: "shot", tasks: [shell("one", waitFor(folder, "go"))] });
      const before = await running(context, job);
      const controller = new AbortController();
      const looking = look(store, job, { signal: controller.signal }).catch(() => undefined);
      await setTimeout(20);
      controller.abort(new Error("enough"));
      await within(size(60_000, 2_000), `The end of ${name}`, looking);
      assertSame(await store.status(job), before);
      await signal(folder, "go");
      assertSame(shown(await ended(context, job)), ["one.0 succeeded×1"]);
    },
  };
}
