// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { newRecordId, sha256 } from "@rmtc/attest";
import type { RunStore } from "@rmtc/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Child } from "./support/child.ts";
import { Machines } from "./support/machines.ts";

const digest = sha256("a record");
const at = "2026-11-22T10:00:00.000Z";

async function log(
  store: RunStore,
  run: string,
  attempt: number,
  batch: number,
  value: number,
): Promise<void> {
  await store.logMetrics({ run, attempt, batch, points: [{ key: "loss", step: batch * 10, value, at }] });
}

test("shows both heads of an alias that two copies moved, and one after the next move", async () => {
  await using machines = await Machines.make();
  const [first, ofA, ofB, settled] = [newRecordId(), newRecordId(), newRecordId(), newRecordId()];
  const alias = "Hero-Roto@production";
  const a = await machines.runs("one", "a");
  await a.setAlias({ alias, to: first, digest });
  await machines.copy("a", "b");
  const b = await machines.runs("two", "b");
  await a.setAlias({ alias, to: ofA, digest });
  await b.setAlias({ alias, to: ofB, digest, by: "b" });
  await machines.copy("a", "b");
  await machines.copy("b", "a");
  const heads = (await a.getAlias(alias)).map(({ to }) => to);
  expect(heads.toSorted()).toEqual([ofA, ofB].sort());
  expect(await b.getAlias(alias)).toEqual(await a.getAlias(alias));
  expect((await b.listAliases({ prefix: "Hero" })).length).toBe(2);
  await b.setAlias({ alias, to: settled, digest });
  await machines.copy("b", "a");
  expect((await a.getAlias(alias)).map(({ to }) => to)).toEqual([settled]);
  expect((await a.aliasHistory(alias)).map(({ to }) => to)).toEqual([settled, ...heads, first]);
});

test("keeps names apart that a file system takes for one, or that are too long or too odd for it", async () => {
  await using machines = await Machines.make();
  const names = ["Hero", "hero", "..", ".", "a/../b", "con", "x".repeat(3_000), "\u{1f3ac}", "a.", "a ", ""];
  const store = await machines.runs("one", "a");
  const targets = names.map((alias) => ({ alias, to: newRecordId() }));
  for (const { alias, to } of targets) await store.setAlias({ alias, to, digest });
  for (const { alias, to } of targets) {
    expect((await store.getAlias(alias)).map((head) => head.to)).toEqual([to]);
  }
  const folders = await readdir(join(machines.folder("a"), "aliases"));
  expect(new Set(folders.map((name) => name.toLowerCase())).size).toBe(names.length);
  expect(folders.every((name) => /^[a-z0-9][a-z0-9-]{0,80}$/.test(name))).toBe(true);
});

test("comes to the same whatever the order in which the files of two writers arrive", async () => {
  await using machines = await Machines.make();
  const run = newRecordId();
  const [a, b] = [await machines.runs("one", "shared"), await machines.runs("two", "shared")];
  await a.openRun({ run });
  await a.startAttempt({ run, resumeAfterStep: 0 });
  for (const batch of [1, 2, 3]) await log(a, run, 1, batch, Math.PI * batch);
  // Here the copies go different ways: both start attempt 2.
  await machines.copy("shared", "fork");
  const forked = await machines.runs("three", "fork");
  await forked.startAttempt({ run, resumeAfterStep: 10 });
  await log(forked, run, 2, 1, -0);
  await b.startAttempt({ run, resumeAfterStep: 20 });
  await log(b, run, 2, 1, 1e-310);
  await log(b, run, 2, 2, 0.1 + 0.2);
  await forked.endAttempt({ run, attempt: 2, state: "failed", message: "the other one went on" });
  await machines.copy("fork", "shared");
  const answer = async (store: RunStore): Promise<unknown> => [
    await store.getRuns([run]),
    await store.readMetrics({ run, limit: 100 }),
    await store.summarizeMetrics(run),
  ];
  const wanted = await answer(a);
  expect(await answer(b)).toEqual(wanted);
  const files = (await machines.files("shared")).filter((path) => path.startsWith("runs/"));
  let readers = 0;
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...files], { minLength: files.length }), async (order) => {
      readers += 1;
      const name = `reader ${readers}`;
      await machines.copyFile("shared", name, "rmtc-store.json");
      const store = await machines.runs("reader", name);
      for (const path of order) {
        await machines.copyFile("shared", name, path);
        await store.getRuns([run]);
      }
      expect(await answer(store)).toEqual(wanted);
    }),
    { numRuns: 15 },
  );
  await log(b, run, 2, 3, 1).catch((error: unknown) => expect(error).toMatchObject({ name: "RmtcError" }));
});

test("holds every acknowledged batch of points whole when its process is killed in the middle of others", async () => {
  await using machines = await Machines.make();
  const run = newRecordId();
  let attempts = 0;
  for (const moment of [1, 4, 9]) {
    const child = new Child("log-metrics", [machines.folder("a"), machines.index("one", "a"), run, "1000"]);
    await child.printed(moment);
    await child.kill();
    attempts += 1;
    const store = await machines.runs("one", "a");
    const summaries = await store.summarizeMetrics(run);
    const count = summaries.reduce((sum, summary) => sum + summary.count, 0);
    expect(count % 500).toBe(0);
    expect(count / 500).toBeGreaterThanOrEqual(child.lines.length);
    expect((await store.getRuns([run]))[0]?.attempt).toBe(attempts);
    await store[Symbol.asyncDispose]();
  }
});

test("gives each of several processes' attempts a number of its own", async () => {
  await using machines = await Machines.make();
  const run = newRecordId();
  const stores = await Promise.all([1, 2, 3].map(() => machines.runs("one", "a")));
  await stores[0]?.openRun({ run });
  const started = await Promise.all(
    stores.flatMap((store) => [1, 2, 3].map(() => store.startAttempt({ run, resumeAfterStep: 0 }))),
  );
  expect(started.map(({ attempt }) => attempt).toSorted((x, y) => x - y)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);
});
