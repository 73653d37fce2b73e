// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newRecordId } from "@rmtc/attest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteRecordStore, SqliteRunStore } from "../src/index.ts";
import { Child } from "./support/child.ts";
import { collect } from "./support/collect.ts";

const moments = [1, 3, 8, 20];
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-store-sqlite-"));
  path = join(folder, "catalog.db");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("holds every acknowledged put whole when its process is killed in the middle of others", async () => {
  const acknowledged: string[] = [];
  for (const moment of moments) {
    const child = new Child("put-records", [path, "1000"]);
    await child.printed(moment);
    await child.kill();
    expect(child.lines.length).toBeGreaterThanOrEqual(moment);
    acknowledged.push(...child.lines.flatMap((line) => line.split(" ")));
    await using store = await SqliteRecordStore.open({ path });
    const { records } = await store.get({ ids: acknowledged, parts: [] });
    expect(records.filter((record) => record === null)).toEqual([]);
    const { count } = await store.count({ where: [{ field: "tag", op: "eq", value: "batch" }] });
    expect(count % 20).toBe(0);
    expect(count).toBeGreaterThanOrEqual(acknowledged.length);
    const pages = await collect(store.verify({}));
    expect(pages.flatMap(({ damages }) => damages)).toEqual([]);
    const { changes } = await store.changes({ limit: 10_000 });
    expect(changes.length).toBe(count);
  }
});

test("holds every acknowledged batch of points whole when its process is killed in the middle of others", async () => {
  const run = newRecordId();
  let before = 0;
  for (const moment of moments) {
    const child = new Child("log-metrics", [path, run, "1000"]);
    await child.printed(moment);
    await child.kill();
    await using store = await SqliteRunStore.open({ path });
    const summaries = await store.summarizeMetrics(run);
    const count = summaries.reduce((sum, summary) => sum + summary.count, 0);
    // A new attempt that resumes after step 0 takes all earlier points out of the count.
    expect(count % 500).toBe(0);
    expect(count / 500).toBeGreaterThanOrEqual(child.lines.length);
    expect(child.lines.length).toBeGreaterThanOrEqual(moment);
    const [status] = await store.getRuns([run]);
    expect(status?.attempt).toBe(before + 1);
    before += 1;
  }
});
