// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeRecord, partNames } from "@rmtc/attest";
import type { RmtcRecord } from "@rmtc/spec";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteRecordStore } from "../src/index.ts";
import { readStorage } from "./support/storage.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-store-sqlite-"));
  path = join(folder, "catalog.db");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A record whose every text is its own, so that it can be looked for in the bytes of the file. */
function secretRecord(number: number): RmtcRecord {
  const secret = `secret${String(number).padStart(5, "0")}x`;
  return makeRecord({
    kind: "asset",
    name: `${secret}name of a performer`,
    version: `${secret}version`,
    tags: [`${secret}tag`],
    body: { sequenceName: `${secret}sequence`, note: `${secret}note `.repeat(1 + ((number * 7) % 60)) },
    annotations: { by: `${secret}annotation` },
  });
}

function traces(bytes: Buffer, record: RmtcRecord, number: number): string[] {
  const secret = `secret${String(number).padStart(5, "0")}x`;
  return [secret, ...Object.values(record.salts ?? {})].filter((text) => bytes.includes(text));
}

test("leaves no byte of erased parts in any file, however often rows moved from page to page", async () => {
  await using store = await SqliteRecordStore.open({ path });
  const records = Array.from({ length: 600 }, (_, number) => secretRecord(number));
  // In an order that has nothing to do with that of ids, so that index pages split in the middle.
  const shuffled = records.map((record, index) => ({ record, at: (index * 277) % 600 }));
  shuffled.sort((a, b) => a.at - b.at);
  for (let start = 0; start < 600; start += 50) {
    await store.put({ records: shuffled.slice(start, start + 50).map(({ record }) => record) });
  }
  const erased = records
    .map((record, number) => ({ record, number }))
    .filter(({ number }) => number % 5 === 0);
  const before = await readStorage(folder);
  expect(erased.every(({ record, number }) => traces(before, record, number).length > 0)).toBe(true);
  for (const { record } of erased) await store.erase({ id: record.id, parts: partNames });
  const after = await readStorage(folder);
  const found = erased.flatMap(({ record, number }) => traces(after, record, number));
  expect(found).toEqual([]);
});

test("says that bytes remain while another process reads, and removes them when the erasure is repeated", async () => {
  await using store = await SqliteRecordStore.open({ path, busyTimeoutMilliseconds: 50 });
  const record = secretRecord(1);
  await store.put({ records: [record] });
  const reader = new DatabaseSync(path);
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM content").get();
  const erase = () => store.erase({ id: record.id, parts: partNames });
  await expect(erase()).rejects.toMatchObject({ code: "RMTC_STORE_BUSY" });
  expect((await store.get({ ids: [record.id] })).records[0]?.erased.length).toBe(5);
  reader.close();
  expect((await erase()).stored.erased.length).toBe(5);
  expect(traces(await readStorage(folder), record, 1)).toEqual([]);
});

test("rewrites the file when SQLite left a copy behind", async () => {
  await using store = await SqliteRecordStore.open({ path });
  const record = secretRecord(1);
  await store.put({ records: [record] });
  using other = new DatabaseSync(path);
  other.exec("PRAGMA secure_delete = OFF; CREATE TABLE copy AS SELECT * FROM content; DROP TABLE copy");
  await store.erase({ id: record.id, parts: partNames });
  expect(traces(await readStorage(folder), record, 1)).toEqual([]);
});
