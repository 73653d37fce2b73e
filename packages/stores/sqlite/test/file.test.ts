// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { checkRecord, makeRecord } from "@rmtc/attest";
import { isRmtcError } from "@rmtc/contract";
import { queryFields, type RmtcRecord } from "@rmtc/spec";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Catalog } from "../src/catalog.ts";
import { findRecords } from "../src/find-records.ts";
import { SqliteRecordStore, SqliteRunStore } from "../src/index.ts";
import { listChanges } from "../src/list-changes.ts";
import { unpackRecord } from "../src/packed-record.ts";
import { putRecords } from "../src/put-records.ts";
import { bodyFields, openDatabase } from "../src/schema.ts";
import { verifyRecords } from "../src/verify-records.ts";
import { collect } from "./support/collect.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-store-sqlite-"));
  path = join(folder, "catalog.db");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("marks its file with an application id and the version of its tables", async () => {
  await (await SqliteRecordStore.open({ path }))[Symbol.asyncDispose]();
  const header = await readFile(path);
  expect(header.toString("latin1", 0, 15)).toBe("SQLite format 3");
  expect(header.toString("latin1", 68, 72)).toBe("RMTC");
  expect(header.readUInt32BE(60)).toBe(1);
});

test("has a column for every body field of the registry, and no other", () => {
  // A new field needs a new version of the tables, and a migration that fills its column.
  const registered = queryFields.filter((field) => field.path.startsWith("/body/")).map(({ field }) => field);
  expect([...bodyFields.keys()]).toEqual(registered);
  expect(registered.sort()).toEqual([
    "asset.frameNumber",
    "asset.origin",
    "asset.sequenceName",
    "checkpoint.step",
    "dataset.itemCount",
    "license.spdx",
    "model.architecture",
    "party.partyType",
    "process.operation",
    "resource.application",
    "run.seed",
    "seal.state",
    "weights.format",
    "weights.step",
  ]);
});

test("lets both roles live in one file at once", async () => {
  await using records = await SqliteRecordStore.open({ path });
  await using runs = await SqliteRunStore.open({ path });
  const record = makeRecord({ kind: "run", body: { seed: 1 } });
  await Promise.all([records.put({ records: [record] }), runs.openRun({ run: record.id })]);
  expect((await records.get({ ids: [record.id] })).records[0]?.record).toEqual(record);
  expect((await runs.getRuns([record.id]))[0]?.state).toBe("open");
});

test("refuses a file that a newer version wrote, and leaves it alone", async () => {
  await (await SqliteRecordStore.open({ path }))[Symbol.asyncDispose]();
  const newer = new DatabaseSync(path);
  newer.exec("PRAGMA user_version = 2");
  newer.close();
  const before = await readFile(path);
  for (const store of [SqliteRecordStore, SqliteRunStore]) {
    await expect(store.open({ path })).rejects.toMatchObject({
      code: "RMTC_STORE_VERSION_UNKNOWN",
      subject: path,
    });
  }
  expect((await readFile(path)).equals(before)).toBe(true);
});

test("refuses another application's database, and leaves it alone", async () => {
  const other = new DatabaseSync(path);
  other.exec("CREATE TABLE shots (name TEXT)");
  other.close();
  const before = await readFile(path);
  await expect(SqliteRecordStore.open({ path })).rejects.toMatchObject({ code: "RMTC_FORMAT_INVALID" });
  expect((await readFile(path)).equals(before)).toBe(true);
});

test("says that a file that is no database is damaged, and leaves it alone", async () => {
  await writeFile(path, "not a database, but long enough to be looked at as one ".repeat(20));
  const before = await readFile(path);
  await expect(SqliteRecordStore.open({ path })).rejects.toMatchObject({ code: "RMTC_STORE_DAMAGED" });
  expect((await readFile(path)).equals(before)).toBe(true);
});

test("names a folder that does not exist, and refuses a folder in the file's place", async () => {
  const nowhere = join(folder, "nowhere", "catalog.db");
  await expect(SqliteRecordStore.open({ path: nowhere })).rejects.toMatchObject({
    code: "RMTC_NOT_FOUND",
    subject: join(folder, "nowhere"),
  });
  await mkdir(path);
  await expect(SqliteRecordStore.open({ path })).rejects.toMatchObject({ code: "RMTC_OPTION_INVALID" });
});

test("says that access is denied to a user without permission", async () => {
  await (await SqliteRecordStore.open({ path }))[Symbol.asyncDispose]();
  const user = process.getuid?.();
  // The superuser may do everything; another user may neither write here nor make files beside it.
  if (user === 0) process.seteuid?.(65_534);
  try {
    await expect(SqliteRecordStore.open({ path })).rejects.toMatchObject({ code: "RMTC_ACCESS_DENIED" });
  } finally {
    if (user === 0) process.seteuid?.(0);
  }
});

test("says that it is busy when another process writes for longer than the timeout, and stores nothing", async () => {
  await using store = await SqliteRecordStore.open({ path, busyTimeoutMilliseconds: 30 });
  const record = makeRecord({ kind: "asset" });
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  await expect(store.put({ records: [record] })).rejects.toMatchObject({ code: "RMTC_STORE_BUSY" });
  expect((await store.get({ ids: [record.id] })).records).toEqual([null]);
  other.close();
  expect((await store.put({ records: [record] })).results[0]?.status).toBe("created");
});

test("names the very record one of whose stored bytes was flipped, whichever byte it is", async () => {
  const records = Array.from({ length: 12 }, (_, index) =>
    makeRecord({
      kind: "asset",
      name: `plate ${index} é`,
      tags: ["a"],
      body: { frameNumber: index, note: "x".repeat(index * 1_500) },
    }),
  );
  const clean = await fileWith(records);
  let flipped = 0;
  for (const [index, record] of records.entries()) {
    // Envelopes and salts: no other record has the same text. One that goes on in the next page is not found.
    for (const text of [record.id, ...Object.values(record.salts ?? {})]) {
      const place = clean.lastIndexOf(text);
      if (place < 0) continue;
      const bytes = Buffer.from(clean);
      const at = place + ((index * 5) % text.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (index % 7));
      await writeFile(path, bytes);
      expect(await damagedRecords()).toEqual([record.id]);
      flipped += 1;
    }
  }
  expect(flipped).toBeGreaterThan(40);
});

test("ends in an error, not in a crash or a hang, when the file's pages are damaged", async () => {
  const records = Array.from({ length: 200 }, (_, index) =>
    makeRecord({ kind: "asset", name: `plate ${index}` }),
  );
  const clean = await fileWith(records);
  const codes = new Set<string>();
  for (let page = 1; page < clean.byteLength / 8192; page++) {
    const bytes = Buffer.from(clean);
    bytes.fill(0xa5, page * 8192, page * 8192 + 64);
    await writeFile(path, bytes);
    const outcome: unknown = await readEverything().catch((error: unknown) => error);
    if (outcome !== undefined) codes.add(isRmtcError(outcome) ? outcome.code : String(outcome));
  }
  expect([...codes]).toEqual(["RMTC_STORE_DAMAGED"]);
});

/** Writes records to the file and returns its bytes. In this thread: opening one for each damage takes time. */
async function fileWith(records: readonly RmtcRecord[]): Promise<Buffer> {
  using database = openDatabase({ path, busyTimeoutMilliseconds: 0 });
  const incoming = records.map((record) => ({ record, checked: checkRecord(record) }));
  putRecords(new Catalog(database), incoming, "");
  database[Symbol.dispose]();
  return readFile(path);
}

async function damagedRecords(): Promise<string[]> {
  using database = openDatabase({ path, busyTimeoutMilliseconds: 0 });
  const pages = await collect(verifyRecords(new Catalog(database), {}, new AbortController().signal));
  return pages.flatMap(({ damages }) => damages.map(({ id }) => id));
}

async function readEverything(): Promise<void> {
  using database = openDatabase({ path, busyTimeoutMilliseconds: 0 });
  const catalog = new Catalog(database);
  const { signal } = new AbortController();
  const where = [{ field: "name", op: "text", value: "plate" }] as const;
  const found = await findRecords(catalog, { where, limit: 1_000 }, signal);
  for (const packed of found.records) unpackRecord(packed);
  await collect(verifyRecords(catalog, {}, signal));
  listChanges(catalog, 0, 10_000);
  const record = makeRecord({ kind: "asset", name: "one more" });
  putRecords(catalog, [{ record, checked: checkRecord(record) }], "");
}
