// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { SchedulerCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import {
  allSlots,
  ended,
  lineIn,
  linesOf,
  logOf,
  runJob,
  running,
  shell,
  shown,
  signal,
  survivor,
  waitFor,
} from "./sample-jobs.ts";

/** When elements start, and what they get. */
export const startCases: readonly SchedulerCase[] = [
  {
    id: "scheduler.start.after",
    level: "must",
    spec: "scheduler.md#rmtc-sch-010",
    title: "starts an element after all that its task waits for have succeeded",
    async run(context) {
      const { folder } = context;
      const note = (text: string): string => `sleep 0.05; echo ${text} >> '${join(folder, "order")}'`;
      const status = await runJob(context, [
        shell("deliver", note("deliver"), { after: ["train", "plates"] }),
        shell("train", note("train"), { after: ["ingest"], count: 2 }),
        shell("ingest", note("ingest")),
        shell("plates", note("plates"), { after: ["train"] }),
      ]);
      assert.equal(status.state, "succeeded");
      assertSame(await linesOf(folder, "order"), ["ingest", "train", "train", "plates", "deliver"]);
    },
  },
  {
    id: "scheduler.start.slots",
    level: "must",
    spec: "scheduler.md#rmtc-sch-011",
    title: "runs elements that want all slots one at a time",
    async run(context) {
      const lock = join(context.folder, "lock");
      const alone = `mkdir '${lock}' || exit 9; sleep 0.05; rmdir '${lock}'`;
      const status = await runJob(context, [shell("all", alone, { slots: allSlots, count: 4 })]);
      assert.equal(status.state, "succeeded", "two elements ran at once");
    },
  },
  {
    id: "scheduler.start.priority",
    level: "must",
    spec: "scheduler.md#rmtc-sch-012",
    title: "starts what waits for slots by the priority of its job",
    when: ({ priorities }) => priorities,
    async run(context) {
      const { store, folder } = context;
      const submit = async (name: string, priority: number | undefined, script: string): Promise<string> => {
        const tasks = [
          shell("only", `${script}; echo ${name} >> '${join(folder, "order")}'`, { slots: allSlots }),
        ];
        return (await store.submit({ name, priority, tasks })).job;
      };
      const first = await submit("first", undefined, waitFor(folder, "go"));
      await running(context, first);
      const jobs = [
        first,
        await submit("normal", undefined, "true"),
        await submit("urgent", 10, "true"),
        await submit("later", -1, "true"),
      ];
      await signal(folder, "go");
      for (const job of jobs) assert.equal((await ended(context, job)).state, "succeeded");
      assertSame(await linesOf(folder, "order"), ["first", "urgent", "normal", "later"]);
    },
  },
  {
    id: "scheduler.start.not-passed",
    level: "should",
    spec: "scheduler.md#rmtc-sch-013",
    title: "lets no small element pass a large one that waits for slots",
    async run(context) {
      const { store, folder } = context;
      const note = (name: string): string => `echo ${name} >> '${join(folder, "order")}'`;
      const { job } = await store.submit({ name: "holds", tasks: [shell("one", waitFor(folder, "go"))] });
      await running(context, job);
      const large = await store.submit({
        name: "large",
        tasks: [shell("all", note("large"), { slots: allSlots })],
      });
      const small = await store.submit({ name: "small", tasks: [shell("one", note("small"))] });
      await signal(folder, "go");
      for (const one of [job, large.job, small.job]) await ended(context, one);
      assertSame(await linesOf(folder, "order"), ["large", "small"]);
    },
  },
  {
    id: "scheduler.start.no-overlap",
    level: "must",
    spec: "scheduler.md#rmtc-sch-014",
    title: "starts no element again that still runs after the scheduler's processes were killed",
    needsKill: true,
    async run(context) {
      const { store, folder, kill } = context;
      const script = `echo x >> '${join(folder, "starts")}'; ${waitFor(folder, "go")}`;
      const { job } = await store.submit({ name: "shot", tasks: [shell("only", script)] });
      await lineIn(context, folder, "starts");
      await kill();
      const on = await survivor(context, job);
      await signal(folder, "go");
      await ended(context, job, on);
      assertSame(await linesOf(folder, "starts"), ["x"]);
    },
  },
  {
    id: "scheduler.start.attempts",
    level: "must",
    spec: "scheduler.md#rmtc-sch-015",
    title: "counts every start as an attempt",
    async run(context) {
      const note = `echo x >> '${join(context.folder, "starts")}'; exit 1`;
      const status = await runJob(context, [shell("fails", note, { retries: 2 }), shell("well", "true")]);
      assertSame(
        status.tasks.map(({ attempts }) => attempts),
        [3, 1],
      );
      assert.equal((await linesOf(context.folder, "starts")).length, 3);
    },
  },
  {
    id: "scheduler.program.arguments",
    level: "must",
    spec: "scheduler.md#rmtc-sch-020",
    title: "calls the program with exactly its arguments, the index in each of them",
    async run(context) {
      const print = 'for argument do printf "<%s>\\n" "$argument"; done';
      const given = ["plate {index}.{index}.exr", "$HOME; *", "", 'it\'s "quoted"', "{INDEX}"];
      const task = { name: "print", command: ["sh", "-c", print, "-", ...given], count: 2 };
      const { job } = await runJob(context, [task]);
      for (const index of [0, 1]) {
        const wanted = given
          .map((argument) => `<${argument.replaceAll("{index}", String(index))}>\n`)
          .join("");
        assert.equal(await logOf(context, { job, task: "print", index }), wanted);
      }
    },
  },
  {
    id: "scheduler.program.environment",
    level: "must",
    spec: "scheduler.md#rmtc-sch-021",
    title: "tells the program its job, task, index and attempt, and sets the task's variables",
    async run(context) {
      const print = 'echo "$RMTC_JOB|$RMTC_TASK|$RMTC_TASK_INDEX|$RMTC_TASK_ATTEMPT|$SHOT"';
      const env = { SHOT: "sh 010", RMTC_TASK: "another", RMTC_TASK_INDEX: "9" };
      const last = '[ "$RMTC_TASK_ATTEMPT" = 2 ]';
      const { job } = await runJob(context, [
        shell("told", `${print}; ${last}`, { env, count: 2, retries: 1 }),
      ]);
      for (const index of [0, 1]) {
        const wanted = [1, 2].map((attempt) => `${job}|told|${index}|${attempt}|sh 010\n`).join("");
        assert.equal(await logOf(context, { job, task: "told", index }), wanted);
      }
    },
  },
  {
    id: "scheduler.program.folder",
    level: "must",
    spec: "scheduler.md#rmtc-sch-022",
    title: "starts the program in its working folder",
    async run(context) {
      const { folder } = context;
      const { job } = await runJob(context, [shell("where", "pwd -P", { workingFolder: folder })]);
      assert.equal(await logOf(context, { job, task: "where" }), `${await realpath(folder)}\n`);
    },
  },
  {
    id: "scheduler.program.output",
    level: "must",
    spec: "scheduler.md#rmtc-sch-023",
    title: "gives the program an empty input and keeps output and errors in order",
    async run(context) {
      const script = "cat; echo one; echo two >&2; echo three; echo four >&2";
      const { job } = await runJob(context, [shell("talks", script)]);
      assert.equal(await logOf(context, { job, task: "talks" }), "one\ntwo\nthree\nfour\n");
    },
  },
  {
    id: "scheduler.program.missing",
    level: "must",
    spec: "scheduler.md#rmtc-sch-031",
    title: "takes a program that cannot start for a failure",
    async run(context) {
      const status = await runJob(context, [
        { name: "gone", command: [join(context.folder, "no-such-program")], retries: 1 },
      ]);
      assertSame(shown(status), ["gone.0 failed×2"]);
    },
  },
];
