// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { JobSpec, TaskSpec } from "@rmtc/contract";
import type { SchedulerCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { ended, runJob, shell, shown } from "./sample-jobs.ts";

const a = shell("a", "true");
const b = shell("b", "true");

/** Jobs that no scheduler takes, with the place that is wrong where it is one place. */
const wrongGraphs: readonly (readonly [string, Partial<JobSpec>, RegExp])[] = [
  ["no tasks", { tasks: [] }, /^\/tasks$/],
  ["two tasks of one name", { tasks: [a, b, a] }, /^\/tasks\/2/],
  ["no program", { tasks: [a, { name: "b", command: [] }] }, /^\/tasks\/1\/command/],
  ["an unknown task before", { tasks: [{ ...a, after: ["c"] }] }, /^\/tasks\/0\/after/],
  ["a task after itself", { tasks: [{ ...a, after: ["a"] }] }, /^\/tasks/],
  [
    "a cycle",
    {
      tasks: [
        { ...a, after: ["b"] },
        { ...b, after: ["a"] },
      ],
    },
    /^\/tasks/,
  ],
];

const wrongNumbers: readonly (readonly [keyof TaskSpec, unknown])[] = [
  ["count", 0],
  ["count", 1.5],
  ["slots", 0],
  ["slots", 2.5],
  ["retries", -1],
  ["retries", 0.5],
  ["timeoutSeconds", 0],
  ["timeoutSeconds", -1],
  ["workingFolder", "shots/sh010"],
];

/** Which jobs a scheduler takes. */
export const submitCases: readonly SchedulerCase[] = [
  {
    id: "scheduler.submit.kept",
    level: "must",
    spec: "scheduler.md#rmtc-sch-001",
    title: "holds the whole job when submit returns",
    async run(context) {
      const { store } = context;
      const tasks = [shell("first", "true"), shell("second", "true", { count: 3, after: ["first"] })];
      const submitted = await store.submit({ name: "sh010", tasks });
      const status = await store.status(submitted.job);
      assert.equal(submitted.name, "sh010");
      assert.equal(status.name, "sh010");
      assert.match(status.submittedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.deepEqual(
        status.tasks.map(({ name, index }) => `${name}.${index}`),
        ["first.0", "second.0", "second.1", "second.2"],
      );
      const { jobs } = await store.list({ limit: 10 });
      assertSame(
        jobs.map(({ job }) => job),
        [submitted.job],
      );
      assert.equal((await ended(context, submitted.job)).state, "succeeded");
    },
  },
  {
    id: "scheduler.submit.nothing-kept",
    level: "must",
    spec: "scheduler.md#rmtc-sch-001",
    title: "keeps nothing of a job that it refuses",
    async run({ store }) {
      await rejectsWith(
        () => store.submit({ name: "sh010", tasks: [a, { ...b, count: 0 }] }),
        "RMTC_OPTION_INVALID",
      );
      assertSame((await store.list({ limit: 10 })).jobs, []);
    },
  },
  {
    id: "scheduler.submit.own-id",
    level: "must",
    spec: "scheduler.md#rmtc-sch-002",
    title: "gives every job an id of its own, also when many come at once",
    async run(context) {
      const { store } = context;
      const jobs = await Promise.all(
        Array.from({ length: 8 }, () => store.submit({ name: "sh010", tasks: [a] })),
      );
      assert.equal(new Set(jobs.map(({ job }) => job)).size, 8);
      for (const { job } of jobs) assertSame(shown(await ended(context, job)), ["a.0 succeeded×1"]);
    },
  },
  {
    id: "scheduler.submit.refused-graph",
    level: "must",
    spec: "scheduler.md#rmtc-sch-003",
    title: "refuses a job without tasks or programs, with names that repeat or are unknown, or with a cycle",
    async run({ store }) {
      for (const [, wrong] of wrongGraphs) {
        await rejectsWith(() => store.submit({ name: "bad", tasks: [], ...wrong }), "RMTC_OPTION_INVALID");
      }
    },
  },
  {
    id: "scheduler.submit.refused-numbers",
    level: "must",
    spec: "scheduler.md#rmtc-sch-004",
    title: "refuses counts, slots, retries, timeouts and folders that cannot be",
    async run({ store }) {
      for (const [field, value] of wrongNumbers) {
        const task = { ...a, [field]: value };
        await rejectsWith(() => store.submit({ name: "bad", tasks: [task] }), "RMTC_OPTION_INVALID");
      }
    },
  },
  {
    id: "scheduler.submit.pointer",
    level: "must",
    spec: "scheduler.md#rmtc-sch-006",
    title: "says by a pointer what of a job is wrong",
    async run({ store }) {
      for (const [what, wrong, pointer] of wrongGraphs) {
        const submit = () => store.submit({ name: "bad", tasks: [], ...wrong });
        const error = await rejectsWith(submit, "RMTC_OPTION_INVALID");
        assert.match(error.pointer ?? "", pointer, `${what} has the pointer ${error.pointer}`);
      }
      for (const [field, value] of wrongNumbers) {
        const submit = () => store.submit({ name: "bad", tasks: [b, { ...a, [field]: value }] });
        const error = await rejectsWith(submit, "RMTC_OPTION_INVALID");
        assert.equal(error.pointer, `/tasks/1/${field}`);
      }
    },
  },
  {
    id: "scheduler.submit.no-priorities",
    level: "must",
    spec: "scheduler.md#rmtc-sch-005",
    title: "refuses a priority that it does not heed",
    when: ({ priorities }) => !priorities,
    async run({ store }) {
      await rejectsWith(() => store.submit({ name: "sh010", tasks: [a], priority: 5 }), "RMTC_UNSUPPORTED");
    },
  },
  {
    id: "scheduler.submit.no-facilities",
    level: "must",
    spec: "scheduler.md#rmtc-sch-005",
    title: "refuses a facility when it knows none",
    when: ({ facilities }) => !facilities,
    async run({ store }) {
      const job = { name: "sh010", tasks: [a], facility: "elsewhere" };
      await rejectsWith(() => store.submit(job), "RMTC_UNSUPPORTED");
    },
  },
  {
    id: "scheduler.submit.elements",
    level: "must",
    spec: "scheduler.md#rmtc-sch-051",
    title: "lists every element in the order of tasks and index, also those that have not started",
    async run(context) {
      const tasks = [
        shell("z", "exit 1"),
        shell("m", "true", { count: 12, after: ["z"] }),
        shell("a", "true", { after: ["m"] }),
      ];
      const { job } = await context.store.submit({ name: "shot", tasks });
      const status = await ended(context, job);
      const names = ["z.0", ...Array.from({ length: 12 }, (_, index) => `m.${index}`), "a.0"];
      for (const one of [status, await context.store.status(job)]) {
        assertSame(
          one.tasks.map(({ name, index }) => `${name}.${index}`),
          names,
        );
      }
    },
  },
  {
    id: "scheduler.submit.runs-again",
    level: "must",
    spec: "scheduler.md#rmtc-sch-002",
    title: "runs the same job again under another id",
    async run(context) {
      const first = await runJob(context, [a]);
      const second = await runJob(context, [a]);
      assert.notEqual(first.job, second.job);
      assertSame(await context.store.status(first.job), first);
    },
  },
];
