// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteRecordStore } from "../src/index.ts";
import { Child } from "./support/child.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-store-sqlite-"));
  path = join(folder, "catalog.db");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("lets processes create one file and write at once, and a follower of the feed misses nothing", async () => {
  const batches = 25;
  const writers = [1, 2].map(() => new Child("put-records", [path, String(batches)]));
  let writing = true;
  const written = Promise.all(writers.map((writer) => writer.ended())).finally(() => {
    writing = false;
  });
  await using store = await SqliteRecordStore.open({ path });
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
  expect(acknowledged.length).toBe(2 * batches * 20);
  expect(new Set(seen)).toEqual(new Set(acknowledged));
  expect(seen.length).toBe(acknowledged.length);
});
