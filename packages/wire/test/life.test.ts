// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, it, vi } from "vitest";
import { Guest, loadCommand, openRole } from "../src/index.ts";
import { fixtureCommand, startFixture } from "./fixtures/start-fixture.ts";

const context = { baseFolder: tmpdir() };

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it("a guest ends, and removes the exchange folder, when its host is killed", async () => {
  const { command, folder } = fixtureCommand("host-to-kill");
  const [program = "", ...args] = command;
  const host = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const said = await new Promise<Buffer>((resolve) => host.stdout.once("data", resolve));
  const guest = JSON.parse(String(said)) as { readonly pid: number; readonly folder: string };
  expect(isAlive(guest.pid)).toBe(true);
  host.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(guest.pid)).toBe(false), { timeout: 10_000 });
  expect(existsSync(guest.folder)).toBe(false);
});

it("a store whose guest was killed fails from then on, and closes", async () => {
  await using guest = await startFixture("serve-stores");
  const store = await openRole(guest, "runStore", {}, context);
  const calls = Array.from({ length: 20 }, () => store.listRuns({ limit: 10 }));
  process.kill(guest.current.pid ?? 0, "SIGKILL");
  const outcomes = await Promise.allSettled(calls);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "RMTC_PROCESS_FAILED" });
  }
  await expect(store.listRuns({ limit: 10 })).rejects.toMatchObject({ code: "RMTC_PROCESS_FAILED" });
  await store[Symbol.asyncDispose]();
  await expect(store.listRuns({ limit: 10 })).rejects.toMatchObject({ code: "RMTC_STORE_CLOSED" });
});

it("every instance that a command's extension opens has a process, which ends with it", async () => {
  const extensions = await loadCommand(fixtureCommand("serve-stores"));
  expect(extensions.map(({ role }) => role).sort()).toEqual(["blobStore", "recordStore", "runStore"]);
  const [recordStore] = extensions;
  await expect(recordStore?.open({ unknown: 1 }, context)).rejects.toMatchObject({
    code: "RMTC_OPTION_INVALID",
    pointer: "/unknown",
  });
  const store = await recordStore?.open({}, context);
  expect(store?.name).toBe("memory");
  await store?.[Symbol.asyncDispose]();
});

it("what a guest prints does not disturb the protocol", async () => {
  await using guest = await Guest.start(fixtureCommand("serve-talkative"));
  const strategy = await openRole(guest, "trainingStrategy", {}, context);
  const request = { items: [{ key: "a", width: 8, height: 8 }], seed: 1, fromStep: 1, stepCount: 1 };
  expect((await strategy.plan(request)).state).toEqual({ step: 1 });
  await expect(strategy.plan({ ...request, stepCount: -1 })).rejects.toMatchObject({
    code: "RMTC_PROCESS_FAILED",
    message: expect.stringContaining("nothing is below zero"),
  });
});
