// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TaskSpec } from "@rmtc/contract";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileChanges } from "../src/file-changes.ts";
import { LocalScheduler } from "../src/index.ts";
import { makeGate } from "./support/gate.ts";
import { groupMembers, supervisorPid, taskPids } from "./support/processes.ts";
import { runFixture } from "./support/run-fixture.ts";
import { ended, shown, untilRunning } from "./support/watching.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-scheduler-local-"));
  path = join(folder, "jobs");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("goes on with a job whose submitter was killed", async () => {
  await using gate = await makeGate(folder);
  const job = { name: "on", tasks: [started("first", gate.wait), started("second", "true", ["first"])] };
  const submitter = runFixture("submit-and-hang.ts", path, JSON.stringify(job));
  const [line] = (await once(submitter.stdout, "data")) as [Buffer];
  submitter.kill("SIGKILL");
  await once(submitter, "exit");
  await gate.pass();
  await using scheduler = await LocalScheduler.open({ path });
  const status = await ended(scheduler, line.toString().trim());
  expect(shown(status)).toEqual(["first.0 succeeded×1", "second.0 succeeded×1"]);
});

test("takes running tasks over from a supervisor that was killed, and starts none twice", async () => {
  await using gate = await makeGate(folder);
  await using scheduler = await LocalScheduler.open({ path, slots: 2 });
  const { job } = await scheduler.submit({
    name: "overtaken",
    tasks: [started("early", gate.wait, [], 4), started("late", "true", ["early"])],
  });
  await untilRunning(scheduler, job, 2);
  await bothPrinted(scheduler, job);
  process.kill(supervisorPid(path, job), "SIGKILL");
  const watching = ended(scheduler, job);
  await gate.pass(4);
  const status = await watching;
  expect(status.state).toBe("succeeded");
  expect(shown(status).every((task) => task.endsWith("succeeded×1"))).toBe(true);
  expect((await readFile(join(folder, "starts"), "utf8")).trim().split("\n").sort()).toEqual([
    "early 0 1",
    "early 1 1",
    "early 2 1",
    "early 3 1",
    "late 0 1",
  ]);
});

test("learns how tasks ended while no supervisor lived", async () => {
  await using gate = await makeGate(folder);
  const scheduler = await LocalScheduler.open({ path, slots: 2 });
  const { job } = await scheduler.submit({
    name: "unseen",
    tasks: [
      started("well", gate.wait),
      started("badly", `${gate.wait}; exit 9`),
      started("then", "true", ["well"]),
    ],
  });
  await untilRunning(scheduler, job, 2);
  await bothPrinted(scheduler, job);
  const pids = taskPids(path, job);
  const supervisor = supervisorPid(path, job);
  // Closed, it does not notice.
  await scheduler[Symbol.asyncDispose]();
  process.kill(supervisor, "SIGKILL");
  await gate.pass(2);
  await filesAre(join(path, "jobs", job, "attempts"), ".exit", pids.length);
  await using other = await LocalScheduler.open({ path });
  const status = await ended(other, job);
  expect(shown(status)).toEqual(["well.0 succeeded×1", "badly.0 failed×1", "then.0 succeeded×1"]);
  expect(status.tasks[1]?.exitCode).toBe(9);
});

test("starts a task again whose process was killed together with the supervisor", async () => {
  await using gate = await makeGate(folder);
  await using scheduler = await LocalScheduler.open({ path });
  const { job } = await scheduler.submit({
    name: "power cut",
    tasks: [started("only", `[ $RMTC_TASK_ATTEMPT = 2 ] || ${gate.wait}`)],
  });
  await untilRunning(scheduler, job);
  await logContains(scheduler, job, "only", "started\n");
  const [pid = 0] = taskPids(path, job);
  process.kill(supervisorPid(path, job), "SIGKILL");
  process.kill(pid, "SIGKILL");
  const status = await ended(scheduler, job);
  expect(shown(status)).toEqual(["only.0 succeeded×2"]);
  // What the killed process had started went with it.
  expect(groupMembers(pid)).toEqual([]);
});

test("starts a task again of whose process a power cut left an empty file", async () => {
  await using gate = await makeGate(folder);
  await using scheduler = await LocalScheduler.open({ path });
  const { job } = await scheduler.submit({
    name: "power cut",
    tasks: [started("only", `[ $RMTC_TASK_ATTEMPT = 2 ] || ${gate.wait}`)],
  });
  await untilRunning(scheduler, job);
  await logContains(scheduler, job, "only", "started\n");
  const supervisor = supervisorPid(path, job);
  const [pid = 0] = taskPids(path, job);
  await writeFile(join(path, "jobs", job, "attempts", "0-0-1.pid"), "");
  process.kill(supervisor, "SIGKILL");
  process.kill(-pid, "SIGKILL");
  expect(shown(await ended(scheduler, job))).toEqual(["only.0 succeeded×2"]);
});

test("kills a job whose supervisor was killed", async () => {
  await using scheduler = await LocalScheduler.open({ path, graceSeconds: 0.1 });
  const { job } = await scheduler.submit({ name: "orphan", tasks: [started("sleep", "sleep 600")] });
  await untilRunning(scheduler, job);
  await logContains(scheduler, job, "sleep", "started\n");
  process.kill(supervisorPid(path, job), "SIGKILL");
  expect(shown(await scheduler.kill(job))).toEqual(["sleep.0 cancelled×1"]);
  for (const pid of taskPids(path, job)) expect(groupMembers(pid)).toEqual([]);
});

test("starts no task twice when several schedulers find the supervisor dead at once", async () => {
  await using gate = await makeGate(folder);
  const scheduler = await LocalScheduler.open({ path, slots: 2 });
  const { job } = await scheduler.submit({
    name: "race",
    tasks: [started("first", gate.wait), started("rest", "true", ["first"], 6)],
  });
  await untilRunning(scheduler, job);
  await logContains(scheduler, job, "first", "started\n");
  const supervisor = supervisorPid(path, job);
  await scheduler[Symbol.asyncDispose]();
  process.kill(supervisor, "SIGKILL");
  const others = Array.from({ length: 4 }, () => runFixture("open-and-watch.ts", path, job));
  const outputs = Promise.all(others.map((other) => text(other.stdout)));
  await gate.pass();
  expect(await outputs).toEqual(Array(4).fill("succeeded\n"));
  const starts = (await readFile(join(folder, "starts"), "utf8")).trim().split("\n").sort();
  expect(starts).toEqual(["first 0 1", ...Array.from({ length: 6 }, (_, index) => `rest ${index} 1`)]);
});

test("reads on behind a line of the journal that was cut off", async () => {
  await using gate = await makeGate(folder);
  await using scheduler = await LocalScheduler.open({ path });
  const { job } = await scheduler.submit({ name: "cut", tasks: [started("only", gate.wait)] });
  await untilRunning(scheduler, job);
  await appendFile(join(path, "jobs", job, "journal.jsonl"), '\n{"type":"end","task":0,"ind');
  await gate.pass();
  expect(shown(await ended(scheduler, job))).toEqual(["only.0 succeeded×1"]);
});

test("runs the other jobs when one is damaged, and says which is", async () => {
  await using scheduler = await LocalScheduler.open({ path });
  const good = await scheduler.submit({ name: "good", tasks: [started("only", "true")] });
  await ended(scheduler, good.job);
  const damaged = "0123456789ab-01234567";
  await writeFile(join(path, "active", damaged), "");
  const job = join(path, "jobs", damaged);
  await mkdir(job);
  await writeFile(join(job, "job.json"), '{"id":');
  await expect(scheduler.status(damaged)).rejects.toMatchObject({ code: "RMTC_STORE_DAMAGED" });
  const other = await scheduler.submit({ name: "other", tasks: [started("only", "true")] });
  expect((await ended(scheduler, other.job)).state).toBe("succeeded");
});

/** A task that notes its start in the file `starts`, says so, and then runs a script. */
function started(name: string, script: string, after: readonly string[] = [], count = 1): TaskSpec {
  const note = `echo $RMTC_TASK $RMTC_TASK_INDEX $RMTC_TASK_ATTEMPT >> ${join(folder, "starts")}`;
  return { name, command: ["sh", "-c", `${note}; echo started; ${script}`], after, count };
}

async function bothPrinted(scheduler: LocalScheduler, job: string): Promise<void> {
  const { tasks } = await scheduler.status(job);
  for (const { name, index, state } of tasks) {
    if (state === "running") await logContains(scheduler, job, name, "started\n", index);
  }
}

/** Waits until a folder has so many files of a kind. */
async function filesAre(watched: string, suffix: string, count: number): Promise<void> {
  using changes = new FileChanges([watched], 1000);
  while ((await readdir(watched)).filter((name) => name.endsWith(suffix)).length < count)
    await changes.next();
}

/** Follows a log until it begins with a text. */
async function logContains(
  scheduler: LocalScheduler,
  job: string,
  task: string,
  wanted: string,
  index = 0,
): Promise<void> {
  let log = "";
  for await (const chunk of scheduler.logs({ job, task, index }, { follow: true })) {
    log += Buffer.from(chunk).toString();
    if (log.startsWith(wanted)) return;
  }
  throw new Error(`The log ended as ${log}.`);
}
