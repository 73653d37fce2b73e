// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { findAll, verify } from "@rmtc/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inWorkspace } from "../fixtures/open-workspace.ts";
import { madeBy, makeProduction } from "../fixtures/production.ts";
import { rmtcCommand, runJson } from "../fixtures/run-rmtc.ts";

let folder = "";
const weights = new Map<string, unknown>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-killed-command-"));
  await makeProduction(folder);
}, 60_000);
afterAll(async () => {
  for (const pid of await processesOf("supervisor-main")) process.kill(pid, "SIGTERM");
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const options = [
  "--model",
  "net",
  "--dataset",
  "mattes",
  "--steps",
  "400",
  "--checkpoint-every",
  "20",
  "--seed",
  "7",
];
const strategy = ["--strategy", "crop=16", "--strategy", "batchSize=2"];

it.each([
  ["alone", []],
  ["with the supervisor of its job", ["supervisor-main"]],
  ["with the supervisor and the training", ["supervisor-main", "main.ts task", "training-process"]],
])("a training whose command is killed %s is finished by the next that attaches", async (how, programs) => {
  const name = `run-${weights.size}`;
  const [file = "", ...rest] = [...rmtcCommand, "train", name, ...options, ...strategy];
  const command = spawn(file, rest, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(command, "exit");
  await firstCheckpoint(name);
  expect(command.exitCode).toBeNull();
  command.kill("SIGKILL");
  // All are found before the first is killed: those that it started end by themselves soon after.
  const found = await Promise.all(programs.map(processesOf));
  expect(found.map((pids) => pids.length > 0)).toEqual(programs.map(() => true));
  for (const pid of found.flat()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      expect(error).toMatchObject({ code: "ESRCH" });
    }
  }
  await ended;

  const attached = await runJson<{ run: string; state: string }>(folder, ["runs", "attach", name]);
  expect(attached).toMatchObject({ state: "sealed", steps: 400 });
  await inWorkspace(folder, async (workspace) => {
    const seals = await madeBy(workspace, attached.run, "seal");
    expect(seals.map(({ record }) => record.body)).toMatchObject([{ state: "succeeded", steps: 400 }]);
    const made = await madeBy(workspace, attached.run, "weights");
    weights.set(
      how,
      made.map(({ record }) => record.files),
    );
    const report = await verify(workspace, [made[0]?.record.id ?? ""]);
    expect(report).toMatchObject({ problems: [], complete: true });
  });
  expect([...weights.values()]).toEqual(Array.from(weights, () => [...weights.values()][0]));
});

/** Waits until a run of this name has put a checkpoint. */
async function firstCheckpoint(name: string): Promise<void> {
  await inWorkspace(folder, async (workspace) => {
    for (;;) {
      const runs = findAll(workspace.records, { where: [{ field: "name", op: "eq", value: name }] });
      for await (const { record } of runs) if (record.kind === "checkpoint") return;
      await setTimeout(20);
    }
  });
}

/** The processes of this test's workspace that run a program. */
async function processesOf(program: string): Promise<readonly number[]> {
  const pids: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const read = (name: string): Promise<string> =>
      readFile(join("/proc", entry, name), "utf8").catch(() => "");
    const command = (await read("cmdline")).replaceAll("\0", " ");
    const environment = await read("environ");
    if (command.includes(program) && (command.includes(folder) || environment.includes(folder)))
      pids.push(Number(entry));
  }
  return pids;
}
