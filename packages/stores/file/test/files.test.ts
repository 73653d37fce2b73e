// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeRecord } from "@rmtc/attest";
import { isRmtcError } from "@rmtc/contract";
import { expect, test } from "vitest";
import { entryName } from "../src/entry-name.ts";
import { FileRecordStore } from "../src/index.ts";
import { entryFromText, entryToText } from "../src/journal-entry.ts";
import { MachineJournal } from "../src/machine-journal.ts";
import { takeTurn } from "../src/turns.ts";
import { collect } from "./support/collect.ts";
import { Machines } from "./support/machines.ts";

const record = makeRecord({
  kind: "asset",
  name: "plate é \u{1f3ac}",
  tags: [],
  body: { list: [{}, []], text: "\n  {" },
});

test("writes files that people can read, under their own hash", async () => {
  await using machines = await Machines.make();
  const store = await machines.records("one", "a");
  await store.put({ records: [record], partition: "show" });
  const path = (await machines.files("a")).find((one) => one.startsWith("records/")) ?? "";
  expect(path).toMatch(/^records\/[0-9a-f]{16}\/0000\/00000000-[0-9a-f]{16}\.json$/);
  const bytes = await readFile(join(machines.folder("a"), path));
  expect(basename(path)).toBe(entryName(0, bytes));
  const parsed = JSON.parse(bytes.toString());
  expect(bytes.toString()).toBe(`${JSON.stringify(parsed, undefined, 1)}\n`);
  expect(parsed).toMatchObject({
    format: "rmtc-record-journal",
    version: 1,
    number: 0,
    partition: "show",
    put: [record],
  });
});

test("reads a large entry in pieces as it reads a small one, and only in the form it is written in", async () => {
  const put = Array.from({ length: 3_000 }, (_, at) => ({
    ...record,
    body: { ...(record.body as object), at },
  }));
  const entry = {
    writer: "0".repeat(16),
    number: 7,
    receivedAt: "2026-11-22T10:00:00.000Z",
    partition: "",
    put,
  };
  const text = await entryToText(entry);
  expect(text.length).toBeGreaterThan(1_000_000);
  expect(await entryFromText(text)).toEqual(entry);
  expect(await entryFromText(text.slice(0, -30))).toBeUndefined();
  expect(await entryFromText(text.replace("\n  },\n  {", "\n  }\n  {"))).toBeUndefined();
});

test("takes nothing from files that are no entries, whatever they are, and goes on", async () => {
  await using machines = await Machines.make();
  const store = await machines.records("one", "a");
  await store.put({ records: [record] });
  const path = join(
    machines.folder("a"),
    (await machines.files("a")).find((one) => one.startsWith("records/")) ?? "",
  );
  const shard = dirname(path);
  const add = async (text: string, number: number): Promise<void> =>
    writeFile(join(shard, entryName(number, Buffer.from(text))), text);
  const writer = basename(dirname(shard));
  const other = makeRecord({ kind: "asset", name: "other" });
  const entry = { writer, number: 5, receivedAt: "2026-11-22T10:00:00.000Z", partition: "" };
  await add("no JSON", 1);
  await add("null", 2);
  await add(JSON.stringify({ format: "rmtc-record-journal", version: 1, writer, number: 3 }), 3);
  await add(await entryToText({ ...entry, number: 4, put: [other] }), 6);
  await add(await entryToText({ ...entry, put: [{ ...other, salts: {} }] }), 5);
  await writeFile(join(shard, "notes.txt"), "x");
  await writeFile(join(machines.folder("a"), "records", "README.md"), "x");
  const outside = join(machines.root, "outside");
  await mkdir(join(outside, "0000"), { recursive: true });
  const text = await entryToText({ ...entry, writer: "f".repeat(16), number: 0, put: [other] });
  const name = entryName(0, Buffer.from(text));
  await writeFile(join(outside, "0000", name), text);
  await symlink(outside, join(machines.folder("a"), "records", "f".repeat(16)));
  for (const reader of [store, await machines.records("two", "a")]) {
    expect((await reader.get({ ids: [record.id, other.id] })).records.map((one) => one?.record.id)).toEqual([
      record.id,
      undefined,
    ]);
    const pages = await collect(reader.verify({}));
    expect(pages.reduce((sum, { checked }) => sum + checked, 0)).toBe(1);
    expect(pages.flatMap(({ damages }) => damages).length).toBe(5);
  }
  await store.put({ records: [other] });
});

test("refuses folders of a newer version and of something else, and names a folder that is not there", async () => {
  await using machines = await Machines.make();
  const path = machines.folder("a");
  const open = (): Promise<FileRecordStore> =>
    FileRecordStore.open({ path, index: machines.index("one", "a") });
  await expect(FileRecordStore.open({ path: join(path, "deeper") })).rejects.toMatchObject({
    code: "RMTC_NOT_FOUND",
    subject: path,
  });
  await mkdir(path);
  for (const [text, code] of [
    ['{"format":"rmtc-file-store","version":2,"id":"x"}', "RMTC_STORE_VERSION_UNKNOWN"],
    ['{"format":"other"}', "RMTC_FORMAT_INVALID"],
    ["{", "RMTC_STORE_DAMAGED"],
  ] as const) {
    await writeFile(join(path, "rmtc-store.json"), text);
    await expect(open()).rejects.toMatchObject({ code });
  }
  await rm(path, { recursive: true });
  await writeFile(path, "a file");
  await expect(open()).rejects.toMatchObject({ code: "RMTC_OPTION_INVALID" });
});

test("says that access is denied to a user without permission, and keeps nothing of the put", async () => {
  await using machines = await Machines.make();
  const store = await machines.records("one", "a");
  const user = process.getuid?.();
  // The superuser may do everything.
  if (user === 0) process.seteuid?.(65_534);
  try {
    const outcome: unknown = await store.put({ records: [record] }).catch((error: unknown) => error);
    if (user === 0) expect(isRmtcError(outcome, "RMTC_ACCESS_DENIED")).toBe(true);
  } finally {
    if (user === 0) process.seteuid?.(0);
  }
  if (user === 0) expect((await store.get({ ids: [record.id] })).records).toEqual([null]);
  expect((await machines.files("a")).filter((one) => one.includes(".rmtc-"))).toEqual([]);
});

test("says that it is busy when another process of the machine does not let it in", async () => {
  await using machines = await Machines.make();
  await mkdir(machines.folder("index"));
  using one = await MachineJournal.open(machines.folder("index"), "id");
  using two = await MachineJournal.open(machines.folder("index"), "id");
  await one.turn(async () => {
    const enter = (): void => two.run("INSERT INTO setting VALUES ('x', 1)");
    await expect(takeTurn("elsewhere", enter, undefined, 20)).rejects.toMatchObject({
      code: "RMTC_STORE_BUSY",
    });
  });
});
