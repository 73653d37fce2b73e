// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bodyOf, initWorkspace, verify, type Workspace } from "@rmtc/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inWorkspace } from "../fixtures/open-workspace.ts";
import {
  madeBy,
  openTraining,
  type Production,
  publishProduction,
  trainRequest,
} from "../fixtures/production.ts";
import { buildKillAt } from "./fault/build-kill-at.ts";
import { type KilledRun, runWithKill } from "./fault/run-with-kill.ts";

const trainMain = fileURLToPath(new URL("fault/train-main.ts", import.meta.url));
const wantedKills = 20;
/** Kills of one run, before it is left to train to its end. */
const killsPerRun = 4;

let folder = "";
let library = "";
let production: Production;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-killed-training-"));
  library = await buildKillAt(folder);
  await initWorkspace(join(folder, "workspace"), { person: "Ada" });
  production = await inWorkspace(join(folder, "workspace"), publishProduction);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it("ends with the same weights, optimizer state and history as undisturbed, killed at 20 moments", async () => {
  const undisturbed = await openRun();
  await trainToEnd(undisturbed);
  const measured = await openRun();
  const whole = await trainToEnd(measured);
  const random = randomNumbers(0x5eed);
  const disturbed = [measured];
  let kills = 0;
  while (kills < wantedKills) {
    const run = await openRun();
    disturbed.push(run);
    let killed = true;
    for (let number = 0; killed && number < killsPerRun && kills < wantedKills; number += 1) {
      // Later attempts have less to do, because they start from a checkpoint.
      const moment = random() * (1 - number / 5);
      killed =
        number % 2 === 0
          ? await killAtTime(run, moment * whole.milliseconds, number % 4 === 0)
          : await killAtCall(run, 1 + Math.floor(moment * whole.calls));
      if (killed) kills += 1;
    }
    await trainToEnd(run);
  }
  await inWorkspace(join(folder, "workspace"), async (workspace) => {
    const expected = await resultsOf(workspace, undisturbed);
    expect(expected.checkpoints.length).toBeGreaterThanOrEqual(8);
    for (const run of disturbed) expect(await resultsOf(workspace, run)).toEqual(expected);
    expect((await verify(workspace, undefined)).problems).toEqual([]);
  });
  expect(await readdir(join(folder, "workspace", ".rmtc", "tmp"))).toEqual([]);
});

it("writes no id, no time and no path into weights and checkpoints", async () => {
  await inWorkspace(join(folder, "workspace"), async (workspace) => {
    const run = await openTraining(workspace, trainRequest(production, { steps: 8 }));
    await trainToEnd(run.record.id);
    const made = [
      ...(await madeBy(workspace, run.record.id, "weights")),
      ...(await madeBy(workspace, run.record.id, "checkpoint")),
    ];
    const files = made.flatMap(({ record }) => record.files ?? []);
    expect(files.map((file) => file.path.split(".").at(-1)).sort()).toEqual(
      expect.arrayContaining(["onnx", "safetensors"]),
    );
    for (const file of files) {
      const text = await readFile(await workspace.blobs.localPath(file.digest), "latin1");
      expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i);
      expect(text).not.toMatch(/20\d\d-\d\d-\d\d/);
      for (const place of [folder, tmpdir(), process.cwd(), ".rmtc", "sh010"])
        expect(text).not.toContain(place);
    }
  });
});

async function openRun(): Promise<string> {
  return await inWorkspace(join(folder, "workspace"), async (workspace) => {
    return (await openTraining(workspace, trainRequest(production))).record.id;
  });
}

function commandOf(run: string): readonly string[] {
  return [process.execPath, "--conditions=@rmtc/source", trainMain, join(folder, "workspace"), run];
}

/** Trains until a call of the process that carries out the run, or to the end. */
async function trainToCall(run: string, call: number): Promise<KilledRun> {
  return await runWithKill({
    library,
    command: commandOf(run),
    folder: join(folder, "workspace"),
    log: join(folder, "calls.log"),
    compileCache: join(folder, "compile-cache"),
    point: { call, after: false },
  });
}

/** Trains to the end and tells how many calls and how long it took. */
async function trainToEnd(run: string): Promise<{ readonly calls: number; readonly milliseconds: number }> {
  const began = performance.now();
  const { killed, calls } = await trainToCall(run, 0);
  expect(killed).toBe(false);
  return { calls: calls.length, milliseconds: performance.now() - began };
}

async function killAtCall(run: string, call: number): Promise<boolean> {
  return (await trainToCall(run, call)).killed;
}

/** Kills the process, or it and its children, when a time has passed; tells whether it still ran. */
async function killAtTime(run: string, milliseconds: number, withChildren: boolean): Promise<boolean> {
  const [file = "", ...rest] = commandOf(run);
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "compile-cache") };
  const child = spawn(file, rest, { stdio: ["ignore", "ignore", "inherit"], detached: true, env });
  const ended = once(child, "exit");
  await setTimeout(milliseconds);
  const ran = child.exitCode === null;
  if (ran && child.pid !== undefined) process.kill(withChildren ? -child.pid : child.pid, "SIGKILL");
  await ended;
  return ran;
}

/** What must not depend on kills. */
async function resultsOf(workspace: Workspace, run: string) {
  const seals = await madeBy(workspace, run, "seal");
  const weights = await madeBy(workspace, run, "weights");
  const checkpoints = await madeBy(workspace, run, "checkpoint");
  return {
    seals: seals.map(({ record }) => {
      const { attempts: _, endedAt: __, ...told } = bodyOf(record, "seal") ?? { state: "none" };
      return told;
    }),
    weights: weights.map(({ record }) => record.files),
    checkpoints: checkpoints.map(({ record }) => [bodyOf(record, "checkpoint")?.step, record.files]),
  };
}

/** Uniform numbers from 0 to 1, the same each time: mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
