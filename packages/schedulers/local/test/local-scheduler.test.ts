// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobSpec, JobStatus, TaskSpec } from "@rmtc/contract";
import { afterEach, beforeEach, expect, test } from "vitest";
import extension, { LocalScheduler } from "../src/index.ts";
import { makeGate } from "./support/gate.ts";
import { groupMembers, taskPids } from "./support/processes.ts";
import { ended, isRunning, logOf, shown, until, untilRunning } from "./support/watching.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-scheduler-local-"));
  path = join(folder, "jobs of a shot");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("runs the tasks of a graph after those they wait for", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  const log = join(folder, "order");
  const submitted = await scheduler.submit({
    name: "shot",
    tasks: [
      shell("deliver", `echo deliver >> ${log}`, { after: ["train", "plates"] }),
      shell("train", `echo train >> ${log}`, { after: ["ingest"] }),
      shell("ingest", `echo ingest >> ${log}`),
      shell("plates", "true", { after: ["ingest"] }),
    ],
  });
  expect(submitted).toMatchObject({ name: "shot", state: "running" });
  const status = await ended(scheduler, submitted.job);
  expect(status.state).toBe("succeeded");
  expect(await readFile(log, "utf8")).toBe("ingest\ntrain\ndeliver\n");
  for (const { exitCode, startedAt = "", endedAt = "" } of status.tasks) {
    expect(exitCode).toBe(0);
    expect(startedAt <= endedAt).toBe(true);
  }
  expect(await scheduler.status(submitted.job)).toEqual(status);
});

test("runs an array once for each index and tells every task what it is", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  const print = "echo $1 $RMTC_TASK $RMTC_TASK_INDEX $RMTC_TASK_ATTEMPT $RMTC_JOB $SHOT; pwd";
  const { job } = await scheduler.submit({
    name: "frames",
    tasks: [
      {
        name: "render",
        command: ["sh", "-c", print, "-", "plate.{index}.{index}.exr"],
        count: 3,
        env: { SHOT: "sh010" },
        workingFolder: folder,
      },
    ],
  });
  await ended(scheduler, job);
  for (const index of [0, 1, 2]) {
    expect(await logOf(scheduler, { job, task: "render", index })).toBe(
      `plate.${index}.${index}.exr render ${index} 1 ${job} sh010\n${folder}\n`,
    );
  }
});

test("runs no more at a time than there are slots", async () => {
  await using scheduler = await LocalScheduler.open({ path, slots: 3 });
  await using gate = await makeGate(folder);
  const { job } = await scheduler.submit({
    name: "slots",
    tasks: [
      shell("small", gate.wait, { count: 4 }),
      shell("wide", gate.wait, { slots: 2, count: 2 }),
      shell("all", gate.wait, { slots: 99 }),
    ],
  });
  const sizes: Record<string, number> = { small: 1, wide: 2, all: 3 };
  const loads = new Set<number>();
  const watching = until(scheduler, job, ({ tasks }) => {
    loads.add(tasks.filter(isRunning).reduce((load, { name }) => load + (sizes[name] ?? 0), 0));
    return false;
  });
  await gate.pass(7);
  expect((await watching).state).toBe("succeeded");
  expect(Math.max(...loads)).toBe(3);
});

test("starts jobs of higher priority earlier, and else those submitted first", async () => {
  await using scheduler = await LocalScheduler.open({ path, slots: 1 });
  await using gate = await makeGate(folder);
  const submit = async (name: string, priority?: number): Promise<string> =>
    (await scheduler.submit({ name, priority, tasks: [shell("only", gate.wait)] })).job;
  const running = await submit("running");
  await untilRunning(scheduler, running);
  const jobs = [
    await submit("first"),
    await submit("urgent", 10),
    await submit("later", -1),
    await submit("last"),
  ];
  await gate.pass(5);
  const statuses = await Promise.all(jobs.map((job) => ended(scheduler, job)));
  const starts = statuses.toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
  expect(starts.map(({ name }) => name)).toEqual(["urgent", "first", "last", "later"]);
});

test("blocks what comes after a failure and runs the rest; retry runs only what did not succeed", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  const mark = join(folder, "mended");
  const { job } = await scheduler.submit({
    name: "shot",
    tasks: [
      shell("flaky", `[ -e ${mark} ] || exit 7`),
      shell("after", "true", { after: ["flaky"] }),
      shell("far", "true", { after: ["after"] }),
      shell("other", "true"),
    ],
  });
  const failed = await ended(scheduler, job);
  expect(failed.state).toBe("failed");
  expect(failed.tasks[0]?.exitCode).toBe(7);
  expect(shown(failed)).toEqual([
    "flaky.0 failed×1",
    "after.0 blocked×0",
    "far.0 blocked×0",
    "other.0 succeeded×1",
  ]);
  await using _mark = await makeGate(folder, "mended");
  expect((await scheduler.retry(job)).state).toBe("running");
  const mended = await ended(scheduler, job);
  expect(mended.state).toBe("succeeded");
  expect(shown(mended)).toEqual([
    "flaky.0 succeeded×2",
    "after.0 succeeded×1",
    "far.0 succeeded×1",
    "other.0 succeeded×1",
  ]);
});

test("starts a failed task again as often as it may", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  const { job } = await scheduler.submit({
    name: "retries",
    tasks: [
      shell("third time", 'echo try $RMTC_TASK_ATTEMPT; [ "$RMTC_TASK_ATTEMPT" = 3 ]', { retries: 2 }),
      shell("never", "exit 1", { retries: 1 }),
    ],
  });
  const status = await ended(scheduler, job);
  expect(shown(status)).toEqual(["third time.0 succeeded×3", "never.0 failed×2"]);
  expect(await logOf(scheduler, { job, task: "third time" })).toBe("try 1\ntry 2\ntry 3\n");
});

test("ends a task that runs for too long", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  const { job } = await scheduler.submit({
    name: "slow",
    tasks: [{ name: "sleep", command: ["sleep", "600"], timeoutSeconds: 0.2, retries: 1 }],
  });
  const status = await ended(scheduler, job);
  expect(shown(status)).toEqual(["sleep.0 failed×2"]);
  for (const pid of taskPids(path, job)) expect(groupMembers(pid)).toEqual([]);
});

test("kills a job with all its processes, even those that do not want to end", async () => {
  await using scheduler = await LocalScheduler.open({ path, slots: 2, graceSeconds: 0.1 });
  const { job } = await scheduler.submit({
    name: "stubborn",
    tasks: [
      shell("stubborn", "trap '' TERM; sleep 600 & sh -c 'sleep 600' & echo ready; wait; sleep 600"),
      shell("polite", "sleep 600"),
      shell("waiting", "true", { after: ["polite"] }),
    ],
  });
  await untilRunning(scheduler, job, 2);
  for await (const _printed of scheduler.logs({ job, task: "stubborn" }, { follow: true })) break;
  const killed = await scheduler.kill(job);
  expect(killed.state).toBe("cancelled");
  expect(shown(killed)).toEqual(["stubborn.0 cancelled×1", "polite.0 cancelled×1", "waiting.0 cancelled×0"]);
  for (const pid of taskPids(path, job)) expect(groupMembers(pid)).toEqual([]);
  expect(await scheduler.kill(job)).toEqual(killed);
  await scheduler.retry(job);
  const again = await untilRunning(scheduler, job, 2);
  expect(again.state).toBe("running");
  await scheduler.kill(job);
});

test("streams a log while the task runs, and ends with it", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  await using gate = await makeGate(folder);
  const { job } = await scheduler.submit({
    name: "talking",
    tasks: [shell("talk", `echo first; ${gate.wait}; echo second >&2; exit 1`, { retries: 1 })],
  });
  let text = "";
  for await (const chunk of scheduler.logs({ job, task: "talk" }, { follow: true })) {
    text += Buffer.from(chunk).toString();
    if (text.endsWith("first\n")) await gate.pass();
  }
  expect(text).toBe("first\nsecond\nfirst\nsecond\n");
  expect(await logOf(scheduler, { job, task: "talk" })).toBe(text);
  await expect(logOf(scheduler, { job, task: "talk", index: 1 })).rejects.toMatchObject({
    code: "RMTC_NOT_FOUND",
  });
  await expect(logOf(scheduler, { job, task: "silent" })).rejects.toMatchObject({ code: "RMTC_NOT_FOUND" });
});

test("says in the log why a task cannot be started", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  const { job } = await scheduler.submit({
    name: "unstartable",
    tasks: [
      { name: "no program", command: ["/nowhere/train"] },
      { name: "no folder", command: ["true"], workingFolder: join(folder, "nowhere") },
      { name: "no command of the shell", command: ["exit", "0"] },
      { name: "too long", command: ["true", "x".repeat(3_000_000)] },
    ],
  });
  const status = await ended(scheduler, job);
  expect(status.tasks.map(({ state }) => state)).toEqual(["failed", "failed", "failed", "failed"]);
  expect(status.tasks.map(({ exitCode }) => exitCode)).toEqual([127, undefined, 127, undefined]);
  for (const { name } of status.tasks) expect(await logOf(scheduler, { job, task: name })).not.toBe("");
});

test("ends a watch and a log that are aborted, with the reason", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  const { job } = await scheduler.submit({
    name: "long",
    tasks: [shell("sleep", "echo started; sleep 600")],
  });
  const controller = new AbortController();
  const reason = new Error("enough");
  const { signal } = controller;
  const reading = (async () => {
    for await (const _chunk of scheduler.logs({ job, task: "sleep" }, { follow: true, signal })) {
      controller.abort(reason);
    }
  })();
  await expect(reading).rejects.toBe(reason);
  await expect(until(scheduler, job, () => false, { signal })).rejects.toBe(reason);
  await scheduler.kill(job);
});

test("lists jobs in pages, the newest first", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  const names: string[] = [];
  for (const name of ["one", "two", "three"]) {
    const { job } = await scheduler.submit({ name, tasks: [shell("nothing", "true")] });
    await ended(scheduler, job);
  }
  let cursor: string | undefined;
  do {
    const page = await scheduler.list({ limit: 2, cursor });
    names.push(...page.jobs.map(({ name }) => name));
    cursor = page.next;
  } while (cursor !== undefined);
  expect(names).toEqual(["three", "two", "one"]);
  await expect(scheduler.list({ limit: 0 })).rejects.toMatchObject({ code: "RMTC_OPTION_INVALID" });
  await expect(scheduler.list({ limit: 1, cursor: "../.." })).rejects.toMatchObject({
    code: "RMTC_CURSOR_INVALID",
  });
});

test.for<[string, string, Partial<JobSpec>]>([
  ["no task", "/tasks", { tasks: [] }],
  ["two tasks of one name", "/tasks/1/name", { tasks: [shell("a", ""), shell("a", "")] }],
  ["an unknown task before", "/tasks/0/after/0", { tasks: [shell("a", "", { after: ["b"] })] }],
  ["a task after itself", "/tasks", { tasks: [shell("a", "", { after: ["a"] })] }],
  [
    "a cycle",
    "/tasks",
    {
      tasks: [
        shell("a", "", { after: ["b"] }),
        shell("b", "", { after: ["c"] }),
        shell("c", "", { after: ["a"] }),
      ],
    },
  ],
  ["no program", "/tasks/0/command", { tasks: [{ name: "a", command: [] }] }],
  ["an impossible count", "/tasks/0/count", { tasks: [shell("a", "", { count: 0 })] }],
  ["a relative folder", "/tasks/0/workingFolder", { tasks: [shell("a", "", { workingFolder: "x" })] }],
])("refuses a job with %s", async ([, pointer, job]) => {
  await using scheduler = await LocalScheduler.open({ path });
  await expect(scheduler.submit({ name: "bad", tasks: [], ...job })).rejects.toMatchObject({
    code: "RMTC_OPTION_INVALID",
    pointer,
  });
  expect(await scheduler.list({ limit: 1 })).toEqual({ jobs: [] });
});

test("refuses what it does not know or cannot do", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  const job = { name: "far", tasks: [shell("a", "true")] };
  await expect(scheduler.submit({ ...job, facility: "vancouver" })).rejects.toMatchObject({
    code: "RMTC_UNSUPPORTED",
  });
  for (const id of ["0123456789ab-01234567", "../../etc"]) {
    await expect(scheduler.status(id)).rejects.toMatchObject({ code: "RMTC_NOT_FOUND", subject: id });
    await expect(scheduler.kill(id)).rejects.toMatchObject({ code: "RMTC_NOT_FOUND" });
    await expect(ended(scheduler, id)).rejects.toMatchObject({ code: "RMTC_NOT_FOUND" });
  }
  await using gate = await makeGate(folder);
  const running = await scheduler.submit({ name: "running", tasks: [shell("wait", gate.wait)] });
  await expect(scheduler.retry(running.job)).rejects.toMatchObject({ code: "RMTC_STATE_INVALID" });
  await gate.pass();
  await ended(scheduler, running.job);
});

test("refuses calls after it was closed, while jobs go on", async () => {
  await using gate = await makeGate(folder);
  const scheduler = await LocalScheduler.open({ path });
  const { job } = await scheduler.submit({ name: "on", tasks: [shell("wait", gate.wait)] });
  await scheduler[Symbol.asyncDispose]();
  await scheduler[Symbol.asyncDispose]();
  await expect(scheduler.status(job)).rejects.toMatchObject({ code: "RMTC_STORE_CLOSED" });
  await expect(ended(scheduler, job)).rejects.toMatchObject({ code: "RMTC_STORE_CLOSED" });
  await expect(logOf(scheduler, { job, task: "wait" })).rejects.toMatchObject({ code: "RMTC_STORE_CLOSED" });
  await using other = await LocalScheduler.open({ path });
  await gate.pass();
  expect((await ended(other, job)).state).toBe("succeeded");
});

test("opens as an extension, from the folder that relative paths start from", async () => {
  const validate = extension.options["~standard"].validate;
  expect(await validate({ path: "jobs", slots: 0, graceSeconds: -1, cores: 1 })).toMatchObject({
    issues: [{ path: ["slots"] }, { path: ["graceSeconds"] }, { path: ["cores"] }],
  });
  expect(await validate(null)).toMatchObject({ issues: [{}] });
  const options = await validate({ path: "jobs", slots: 1 });
  if (options.issues !== undefined) throw new Error("The options are refused.");
  await using scheduler = await extension.open(options.value, { baseFolder: folder });
  const { job } = await scheduler.submit({ name: "shot", tasks: [shell("ok", "true")] });
  expect((await ended(scheduler, job)).state).toBe("succeeded");
  expect(await readFile(join(folder, "jobs", "jobs", job, "job.json"), "utf8")).toContain('"name":"shot"');
});

function shell(name: string, script: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { name, command: ["sh", "-c", script], ...more };
}

function startOf(status: JobStatus): string {
  return status.tasks[0]?.startedAt ?? "";
}
