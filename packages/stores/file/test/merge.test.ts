// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeRecord, partNames, recordDigest, redact } from "@rmtc/attest";
import type { RecordStore } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { answersOf } from "./support/answers.ts";
import { collect } from "./support/collect.ts";
import { Machines } from "./support/machines.ts";

const asset = (name: string, links: RmtcRecord["links"] = []): RmtcRecord =>
  makeRecord({ kind: "asset", name: `plate ${name}`, body: { note: `note of ${name}` }, links });
const linkTo = (record: RmtcRecord): RmtcRecord["links"][number] => ({
  rel: "derivedFrom",
  to: record.id,
  digest: recordDigest(record),
});
const entriesOf = async (machines: Machines, name: string): Promise<readonly string[]> =>
  (await machines.files(name)).filter((path) => path.startsWith("records/"));
const damagesOf = async (store: RecordStore): Promise<string[]> =>
  (await collect(store.verify({}))).flatMap((page) => page.damages.map(({ id }) => id));

test("answers the same whatever the order in which the files of three writers arrive", async () => {
  await using machines = await Machines.make();
  const records: RmtcRecord[] = [];
  for (let round = 0; round < 3; round++) {
    for (const machine of ["one", "two", "three"]) {
      const store = await machines.records(machine, "shared");
      const put = [
        asset(`${machine} ${round}`, records.slice(-2).map(linkTo)),
        asset(`${machine} ${round} b`),
      ];
      records.push(...put);
      await store.put({
        records: put.map((record, at) => (at === 1 ? redact(record, ["body"]) : record)),
        partition: machine,
      });
      if (round > 0) await store.put({ records: records.slice(-8, -6) });
      await store[Symbol.asyncDispose]();
    }
  }
  const erasing = await machines.records("two", "shared");
  for (const record of records.slice(2, 5)) await erasing.erase({ id: record.id, parts: ["body", "name"] });
  const wanted = await answersOf(erasing, records);
  const files = await entriesOf(machines, "shared");
  let readers = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...files], { minLength: files.length }),
      fc.nat(files.length),
      async (order, cut) => {
        readers += 1;
        const name = `reader ${readers}`;
        await machines.copyFile("shared", name, "rmtc-store.json");
        for (const path of order.slice(0, cut)) await machines.copyFile("shared", name, path);
        const store = await machines.records("reader", name);
        for (const path of order.slice(cut)) {
          await machines.copyFile("shared", name, path);
          if (path.length % 2 === 0) await store.head();
        }
        expect(await answersOf(store, records)).toEqual(wanted);
        await store[Symbol.asyncDispose]();
      },
    ),
    { numRuns: 12 },
  );
});

test("joins two copies that went different ways by copying files, and an erasure wins over a disclosure", async () => {
  await using machines = await Machines.make();
  const secret = makeRecord({ kind: "asset", name: "plate", body: { performer: "secret-performer-name" } });
  const common = await machines.records("one", "a");
  await common.put({ records: [redact(secret, ["body"])] });
  await common[Symbol.asyncDispose]();
  await machines.copy("a", "b");
  const [a, b] = [await machines.records("one", "a"), await machines.records("two", "b")];
  const [onlyA, onlyB] = [asset("a"), asset("b")];
  await a.put({ records: [onlyA] });
  await b.put({ records: [onlyB, secret] });
  await a.erase({ id: secret.id, parts: ["body"] });
  await machines.copy("a", "b");
  await machines.copy("b", "a");
  const all = [secret, onlyA, onlyB];
  expect(await answersOf(a, all)).toEqual(await answersOf(b, all));
  const [stored] = (await a.get({ ids: [secret.id] })).records;
  expect(stored?.record).toEqual(redact(secret, ["body"]));
  expect(stored?.erased).toEqual(["body"]);
  expect(await damagesOf(a)).toEqual([]);
  expect(await damagesOf(b)).toEqual([]);
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
  const bytes = await machines.bytes();
  expect(bytes.includes("secret-performer-name")).toBe(false);
  expect(bytes.includes(secret.salts?.body ?? "")).toBe(false);
  expect(bytes.includes(secret.salts?.name ?? "")).toBe(true);
});

test("keeps the lower of two digests of one id on every reader, and names the other as damage", async () => {
  await using machines = await Machines.make();
  const first = asset("first");
  const second = { ...asset("second"), id: first.id };
  const pair = [first, second].sort((one, other) => (recordDigest(one) < recordDigest(other) ? -1 : 1));
  const [winner, loser] = pair as [RmtcRecord, RmtcRecord];
  const linking = asset("linking", [linkTo(loser)]);
  await machines.records("seed", "low").then((store) => store.put({ records: [asset("seed")] }));
  await machines.copy("low", "high");
  await (await machines.records("one", "low")).put({ records: [winner] });
  await (await machines.records("two", "high")).put({ records: [loser, linking] });
  await machines.copy("low", "high");
  await machines.copy("high", "low");
  for (const [machine, name] of [
    ["one", "low"],
    ["two", "high"],
    ["new", "low"],
  ] as const) {
    const store = await machines.records(machine, name);
    const [stored] = (await store.get({ ids: [first.id] })).records;
    expect(stored?.record).toEqual(winner);
    const damages = (await collect(store.verify({}))).flatMap((page) => page.damages);
    expect(damages.map(({ id, digest }) => `${id} ${digest}`)).toEqual([
      `${first.id} ${recordDigest(loser)}`,
    ]);
    const [page] = await collect(store.closure({ roots: [linking.id], direction: "upstream" }));
    expect(page?.gaps.map(({ type, id }) => `${type} ${id}`)).toEqual([`mismatch ${first.id}`]);
  }
});

test("takes a copy that was cut short when it is whole, and names it until then", async () => {
  await using machines = await Machines.make();
  const [one, two] = [asset("one"), asset("two")];
  const source = await machines.records("one", "a");
  await source.put({ records: [one] });
  await machines.copy("a", "b");
  await source.put({ records: [two] });
  const path = (await entriesOf(machines, "a")).at(-1) ?? "";
  const text = await readFile(join(machines.folder("a"), path), "utf8");
  const cut = join(machines.folder("b"), path);
  await writeFile(cut, text.slice(0, -40));
  const reader = await machines.records("two", "b");
  expect((await reader.get({ ids: [one.id, two.id] })).records.map((record) => record?.record.id)).toEqual([
    one.id,
    undefined,
  ]);
  expect(await damagesOf(reader)).toEqual([two.id]);
  await writeFile(cut, text);
  expect((await reader.get({ ids: [two.id] })).records[0]?.record).toEqual(two);
  expect(await damagesOf(reader)).toEqual([]);
});

test("keeps both files when a folder and its index were forked and wrote the same number", async () => {
  await using machines = await Machines.make();
  const seed = await machines.records("one", "a");
  await seed.put({ records: [asset("seed")] });
  await seed[Symbol.asyncDispose]();
  await machines.copy("a", "b");
  await cp(machines.index("one", "a"), machines.index("one", "b"), { recursive: true });
  const [a, b] = [await machines.records("one", "a"), await machines.records("one", "b")];
  const [inA, inB] = [asset("in a"), asset("in b")];
  await a.put({ records: [inA] });
  await b.put({ records: [inB] });
  const { cursor } = await a.head();
  await machines.copy("b", "a");
  expect((await a.get({ ids: [inA.id, inB.id] })).records.every((record) => record !== null)).toBe(true);
  const { changes } = await a.changes({ cursor, limit: 10 });
  expect(changes.map(({ id }) => id)).toEqual([inB.id]);
  await machines.copy("a", "c");
  // The cursor knows one of the two files alone: everything of this writer is told again, and nothing is missed.
  const c = await machines.records("three", "c");
  const told = (await c.changes({ cursor, limit: 10 })).changes.map(({ id }) => id);
  expect(told).toContain(inB.id);
});

test("goes on as a new writer, with what is there, when an older copy of the folder was restored", async () => {
  await using machines = await Machines.make();
  const store = await machines.records("one", "a");
  const [kept, lost, later] = [asset("kept"), asset("lost"), asset("later")];
  await store.put({ records: [kept] });
  await machines.copy("a", "backup");
  await store.put({ records: [lost] });
  await rm(join(machines.folder("a"), "records"), { recursive: true });
  await machines.copy("backup", "a");
  expect((await store.get({ ids: [kept.id, lost.id] })).records.map((one) => one?.record.id)).toEqual([
    kept.id,
    undefined,
  ]);
  await store.put({ records: [later] });
  const writers = new Set((await entriesOf(machines, "a")).map((path) => path.split("/")[1]));
  expect(writers.size).toBe(2);
  expect(await damagesOf(store)).toEqual([]);
});

test("follows the feed across an index that was made anew, at least once", async () => {
  await using machines = await Machines.make();
  const store = await machines.records("one", "a");
  for (let at = 0; at < 6; at++) await store.put({ records: [asset(`${at} x`), asset(`${at} y`)] });
  const { changes } = await store.changes({ limit: 100 });
  const page = await store.changes({ limit: 7 });
  await store[Symbol.asyncDispose]();
  await rm(machines.index("one", "a"), { recursive: true });
  const again = await machines.records("one", "a");
  for (const cursor of [page.cursor, changes[3]?.cursor, changes[11]?.cursor]) {
    const place = changes.findIndex(
      (change) => change.cursor === cursor || change.id === page.changes.at(-1)?.id,
    );
    const rest = (await again.changes({ cursor, limit: 100 })).changes.map(({ id }) => id);
    const missed = changes
      .slice(cursor === changes[11]?.cursor ? 12 : place + 1)
      .filter(({ id }) => !rest.includes(id));
    expect(missed).toEqual([]);
  }
  expect((await again.changes({ cursor: changes[11]?.cursor, limit: 100 })).changes).toEqual([]);
  expect((await again.changes({ cursor: page.cursor, limit: 100 })).changes.length).toBe(6);
  expect((await again.changes({ limit: 100 })).changes.map(({ receivedAt }) => receivedAt)).toEqual(
    changes.map(({ receivedAt }) => receivedAt),
  );
});

test("makes the index anew when it was deleted, damaged or replaced", async () => {
  await using machines = await Machines.make();
  const first = await machines.records("one", "a");
  const records = Array.from({ length: 20 }, (_, at) => asset(`${at}`));
  for (const record of records) await first.put({ records: [record] });
  await first.erase({ id: records[3]?.id ?? "", parts: partNames });
  const wanted = await answersOf(first, records);
  await first[Symbol.asyncDispose]();
  const other = await machines.records("one", "other");
  await other.put({ records: [asset("of another store")] });
  await other[Symbol.asyncDispose]();
  const index = machines.index("one", "a");
  const harms = [
    () => rm(index, { recursive: true }),
    () =>
      rm(join(index, "records-1.db"), { force: true }).then(() =>
        rm(join(index, "records.db"), { force: true }),
      ),
    () => writeFile(join(index, "journal.db"), "no database, whoever may have thought so".repeat(30)),
    async () => {
      for (const path of await machines.files("index-one-a")) {
        if (path.endsWith(".db") && path.startsWith("records"))
          await writeFile(join(index, path), "x".repeat(9_000));
      }
    },
    () => cp(machines.index("one", "other"), index, { recursive: true }),
  ];
  for (const harm of harms) {
    await harm();
    const store = await machines.records("one", "a");
    expect(await answersOf(store, records)).toEqual(wanted);
    await store.put({ records: [makeRecord({ kind: "asset", name: "one more" })] });
    await store[Symbol.asyncDispose]();
  }
});

test("leaves no byte of erased parts in any file, also of other writers and of copies that come later", async () => {
  await using machines = await Machines.make();
  const secret = makeRecord({
    kind: "asset",
    name: "secret-name",
    tags: ["secret-tag"],
    body: { sequenceName: "secret-sequence", note: "secret-note ".repeat(50) },
  });
  const plain = Array.from({ length: 5 }, (_, at) => asset(`${at}`));
  const one = await machines.records("one", "a");
  await one.put({ records: [redact(secret, ["body", "tags"]), ...plain.slice(0, 2)] });
  const two = await machines.records("two", "a");
  await two.put({ records: [secret, ...plain.slice(2)] });
  await machines.copy("a", "copy");
  await one.erase({ id: secret.id, parts: partNames });
  expect((await two.get({ ids: [secret.id] })).records[0]?.erased).toEqual(["body", "name", "tags"]);
  for (const store of [one, two]) expect(await damagesOf(store)).toEqual([]);
  // The copy still has them; what comes from it later is cleaned when it is read.
  await machines.copy("copy", "a");
  for (const store of [one, two])
    expect((await store.get({ ids: plain.map(({ id }) => id) })).records).not.toContain(null);
  await rm(machines.folder("copy"), { recursive: true });
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
  const bytes = await machines.bytes();
  expect(["secret-", ...Object.values(secret.salts ?? {})].filter((text) => bytes.includes(text))).toEqual(
    [],
  );
});
