// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { Child } from "./support/child.ts";
import { collect } from "./support/collect.ts";
import { Machines } from "./support/machines.ts";

test("holds every acknowledged put whole when its process is killed in the middle of others", async () => {
  await using machines = await Machines.make();
  const acknowledged: string[] = [];
  for (const moment of [1, 3, 8]) {
    const child = new Child("put-records", [machines.folder("a"), machines.index("one", "a"), "1000"]);
    await child.printed(moment);
    await child.kill();
    acknowledged.push(...child.lines.flatMap((line) => line.split(" ")));
    for (const machine of ["one", "other"]) {
      const store = await machines.records(machine, "a");
      const { records } = await store.get({ ids: acknowledged, parts: [] });
      expect(records.filter((record) => record === null)).toEqual([]);
      const { count } = await store.count({ where: [{ field: "tag", op: "eq", value: "batch" }] });
      expect(count % 20).toBe(0);
      expect((await store.changes({ limit: 10_000 })).changes.length).toBe(count);
      const damages = (await collect(store.verify({}))).flatMap((page) => page.damages);
      expect(damages).toEqual([]);
      await store[Symbol.asyncDispose]();
    }
  }
});

test("leaves no byte of what was erased when its process is killed in the middle of erasures", async () => {
  await using machines = await Machines.make();
  const erased: string[] = [];
  for (const moment of [1, 3, 6]) {
    const child = new Child("erase-records", [machines.folder("a"), machines.index("one", "a"), "1000"]);
    await child.printed(moment);
    await child.kill();
    const store = await machines.records("one", "a");
    const { records } = await store.find({ where: [], limit: 1_000 });
    // What was cut short is either erased, and then everywhere, or as it was.
    const open = records.filter(({ record }) => record.name !== undefined);
    expect(open.length).toBeLessThanOrEqual(erased.length + 1);
    erased.push(...child.lines);
    for (const { record } of open) await store.erase({ id: record.id, parts: ["name"] });
    expect((await collect(store.verify({}))).flatMap((page) => page.damages)).toEqual([]);
    await store[Symbol.asyncDispose]();
    const bytes = await machines.bytes();
    expect(bytes.includes("secret-")).toBe(false);
  }
});

test("removes what a dead writer left half-written, and leaves what somebody may still be writing", async () => {
  await using machines = await Machines.make();
  const child = new Child("put-records", [machines.folder("a"), machines.index("one", "a"), "1"]);
  await child.ended();
  const [entry = ""] = (await machines.files("a")).filter((path) => path.startsWith("records/"));
  const shard = dirname(join(machines.folder("a"), entry));
  for (const name of [".rmtc-0000000000000001", ".rmtc-0000000000000002"])
    await writeFile(join(shard, name), "{");
  await utimes(join(shard, ".rmtc-0000000000000001"), 1, 1);
  await machines.records("one", "a");
  const names = (await machines.files("a")).map((path) => basename(path));
  expect(names.filter((name) => name.startsWith("."))).toEqual([".rmtc-0000000000000002"]);
});

test("lets eight processes of one machine write at once, and a follower of the feed misses nothing", async () => {
  await using machines = await Machines.make();
  const batches = 6;
  const args = [machines.folder("a"), machines.index("one", "a"), String(batches)];
  const writers = Array.from({ length: 8 }, () => new Child("put-records", args));
  let writing = true;
  const written = Promise.all(writers.map((writer) => writer.ended())).finally(() => {
    writing = false;
  });
  const store = await machines.records("one", "a");
  const seen: string[] = [];
  let cursor: string | undefined;
  for (;;) {
    const last = !writing;
    const page = await store.changes({ cursor, limit: 7 });
    seen.push(...page.changes.map(({ id }) => id));
    cursor = page.cursor;
    if (last && page.changes.length === 0) break;
  }
  await written;
  const acknowledged = writers.flatMap(({ lines }) => lines.flatMap((line) => line.split(" ")));
  expect(acknowledged.length).toBe(8 * batches * 20);
  expect(seen.toSorted()).toEqual(acknowledged.toSorted());
});
