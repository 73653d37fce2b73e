// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { SchedulerCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { collect, collectPages } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { within } from "../support/within.ts";
import { ended, logOf, runJob, running, shell, signal, waitFor } from "./sample-jobs.ts";

/** What can be seen of jobs. */
export const lookCases: readonly SchedulerCase[] = [
  {
    id: "scheduler.unknown.job",
    level: "must",
    spec: "scheduler.md#rmtc-sch-050",
    title: "refuses a job that it does not know",
    async run(context) {
      const { store } = context;
      await runJob(context, [shell("one", "true")]);
      for (const job of ["no-such-job", "../jobs", ""]) {
        await rejectsWith(() => store.status(job), "RMTC_NOT_FOUND");
        await rejectsWith(() => collect(store.watch(job)), "RMTC_NOT_FOUND");
        await rejectsWith(() => collect(store.logs({ job, task: "one" })), "RMTC_NOT_FOUND");
        await rejectsWith(() => store.kill(job), "RMTC_NOT_FOUND");
        await rejectsWith(() => store.retry(job), "RMTC_NOT_FOUND");
      }
    },
  },
  {
    id: "scheduler.unknown.element",
    level: "must",
    spec: "scheduler.md#rmtc-sch-050",
    title: "has no log of a task or index that is not in the job",
    async run(context) {
      const { store } = context;
      const { job } = await runJob(context, [shell("one", "true", { count: 2 })]);
      for (const element of [{ task: "two" }, { task: "one", index: 2 }, { task: "one", index: -1 }]) {
        await rejectsWith(() => collect(store.logs({ job, ...element })), "RMTC_NOT_FOUND");
      }
    },
  },
  {
    id: "scheduler.watch.ends",
    level: "must",
    spec: "scheduler.md#rmtc-sch-052",
    title: "shows a watch the status at once and each change, and ends it with the job",
    async run(context) {
      const { store, folder, size } = context;
      const { job } = await store.submit({ name: "shot", tasks: [shell("one", waitFor(folder, "go"))] });
      await running(context, job);
      const states: string[] = [];
      const watch = async (): Promise<void> => {
        for await (const { tasks } of store.watch(job)) {
          states.push(tasks[0]?.state ?? "");
          if (states.length === 1) await signal(folder, "go");
        }
      };
      await within(size(60_000, 4_000), "The end of the watch", watch());
      assert.equal(states[0], "running", "the first status is not that of now");
      assert.equal(states.at(-1), "succeeded", "the last status is not that of the ended job");
      const again = await within(size(60_000, 4_000), "The end of the watch", collect(store.watch(job)));
      assertSame(again, [await store.status(job)]);
    },
  },
  {
    id: "scheduler.logs.attempts",
    level: "must",
    spec: "scheduler.md#rmtc-sch-053",
    title: "shows what all attempts printed, from the start and in their order",
    async run(context) {
      const print = "echo $RMTC_TASK_INDEX.$RMTC_TASK_ATTEMPT; exit 1";
      const { job } = await runJob(context, [shell("one", print, { retries: 2, count: 2 })]);
      for (const index of [0, 1]) {
        const log = await logOf(context, { job, task: "one", index });
        assert.equal(log, `${index}.1\n${index}.2\n${index}.3\n`);
      }
      assert.equal(await logOf(context, { job, task: "one" }), "0.1\n0.2\n0.3\n");
    },
  },
  {
    id: "scheduler.logs.bytes",
    level: "must",
    spec: "scheduler.md#rmtc-sch-053",
    title: "gives the bytes that were printed as they are, and many of them",
    async run(context) {
      const { job } = await runJob(context, [
        shell("bytes", "printf 'a\\000\\377\\n'"),
        shell("many", "head -c 300000 /dev/zero"),
        shell("none", "true"),
      ]);
      const read = async (task: string): Promise<Buffer> => {
        const chunks = await collect(context.store.logs({ job, task }));
        return Buffer.concat(chunks);
      };
      assert.equal((await read("bytes")).toString("hex"), "6100ff0a");
      assert.equal((await read("many")).equals(Buffer.alloc(300_000)), true);
      assert.equal((await read("none")).length, 0);
    },
  },
  {
    id: "scheduler.logs.follow",
    level: "must",
    spec: "scheduler.md#rmtc-sch-054",
    title: "shows what is printed later to whoever follows, and ends when the element is final",
    async run(context) {
      const { store, folder, size } = context;
      const script = `echo first; ${waitFor(folder, "go")}; echo second; exit 1`;
      const { job } = await store.submit({ name: "shot", tasks: [shell("one", script, { retries: 1 })] });
      let text = "";
      const follow = async (): Promise<void> => {
        for await (const chunk of store.logs({ job, task: "one" }, { follow: true })) {
          text += Buffer.from(chunk).toString();
          if (text === "first\n") await signal(folder, "go");
        }
      };
      await within(size(60_000, 4_000), "The end of the log", follow());
      assert.equal(text, "first\nsecond\nfirst\nsecond\n");
      assert.equal((await store.status(job)).tasks[0]?.state, "failed");
    },
  },
  {
    id: "scheduler.logs.now",
    level: "must",
    spec: "scheduler.md#rmtc-sch-054",
    title: "ends a log that is not followed at what is printed by now",
    async run(context) {
      const { store, folder } = context;
      const script = `echo first; ${waitFor(folder, "go")}`;
      const { job } = await store.submit({ name: "shot", tasks: [shell("one", script)] });
      await running(context, job);
      for (let text = ""; text !== "first\n"; await setTimeout(5)) {
        text = await logOf(context, { job, task: "one" });
      }
      assert.equal((await store.status(job)).state, "running");
      await signal(folder, "go");
      await ended(context, job);
    },
  },
  {
    id: "scheduler.list.pages",
    level: "must",
    spec: "scheduler.md#rmtc-sch-055",
    title: "lists each job once, the newest first, in pages",
    async run(context) {
      const { store } = context;
      const jobs: string[] = [];
      for (let count = 0; count < 5; count++) {
        jobs.unshift((await runJob(context, [shell("one", "true")])).job);
      }
      let late: string | undefined;
      const pages = await collectPages(async (cursor) => {
        const page = await store.list({ limit: 2, cursor });
        assert.ok(page.jobs.length <= 2, "a page is longer than its limit");
        late ??= (await runJob(context, [shell("late", "true")])).job;
        return page;
      });
      const listed = pages.flatMap((page) => page.jobs);
      assertSame(
        listed.map(({ job }) => job),
        jobs,
      );
      assertSame(listed[0], await store.status(jobs[0] ?? ""));
      assertSame(
        (await store.list({ limit: 1 })).jobs.map(({ job }) => job),
        [late],
      );
    },
  },
  {
    id: "scheduler.list.refused",
    level: "must",
    spec: "scheduler.md#rmtc-sch-056",
    title: "refuses a limit below 1 and a cursor of somebody else",
    async run({ store }) {
      for (const limit of [0, -1, 0.5]) {
        await rejectsWith(() => store.list({ limit }), "RMTC_OPTION_INVALID");
      }
      await rejectsWith(() => store.list({ limit: 1, cursor: "../nowhere" }), "RMTC_CURSOR_INVALID");
    },
  },
];
