// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { makeRecord, recordDigest, redact } from "@rmtc/attest";
import type { PutRequest, RecordStore, StoredRecord } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import { MemoryRecordStore, MemoryRunStore } from "@rmtc/store-memory";
import { SqliteRecordStore } from "@rmtc/store-sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { copyAliases, copyRecords } from "../src/index.ts";
import { temporaryFolder } from "./fixtures/test-workspace.ts";

async function everything(
  store: RecordStore,
): Promise<readonly Omit<StoredRecord, "position" | "receivedAt">[]> {
  const { records } = await store.find({ where: [], limit: 1_000 });
  return records.map(({ position: _, receivedAt: __, ...stored }) => stored);
}

/** A store with a graph of records in two partitions, some withheld in part, some erased in part. */
async function randomStore(choices: readonly number[]): Promise<MemoryRecordStore> {
  const store = new MemoryRecordStore();
  const made: RmtcRecord[] = [];
  for (const [index, choice] of choices.entries()) {
    const target = made[choice % (made.length + 1)];
    const record = makeRecord({
      kind: "asset",
      name: `record ${index}`,
      body: { frameNumber: choice },
      links:
        target === undefined ? [] : [{ rel: "derivedFrom", to: target.id, digest: recordDigest(target) }],
    });
    made.push(record);
    const given = choice % 5 === 0 ? redact(record, ["name"]) : record;
    await store.put({ records: [given], partition: choice % 3 === 0 ? "vendor" : "" });
    if (choice % 7 === 0) await store.erase({ id: record.id, parts: ["body"] });
  }
  return store;
}

test("gives the target every record with its partition, its withheld parts and its erasures, and nothing twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(1_000), { maxLength: 40 }), async (choices) => {
      const source = await randomStore(choices);
      const target = new MemoryRecordStore();
      const first = await copyRecords(source, target);
      expect(first.created).toBe(choices.length);
      expect(await everything(target)).toEqual(await everything(source));
      const { cursor } = await target.head();
      const again = await copyRecords(source, target);
      expect(again).toEqual({
        created: 0,
        disclosed: 0,
        erased: 0,
        known: choices.length,
        conflicts: [],
        gaps: [],
      });
      expect((await target.head()).cursor).toBe(cursor);
    }),
    { numRuns: 30 },
  );
});

test("brings later disclosures and erasures over, and leaves what the target erased erased", async () => {
  const [source, target] = [new MemoryRecordStore(), new MemoryRecordStore()];
  const record = makeRecord({ kind: "asset", name: "plate", version: "1", tags: ["key"] });
  await source.put({ records: [redact(record, ["name", "tags"])] });
  await copyRecords(source, target);
  await target.erase({ id: record.id, parts: ["tags"] });
  await source.put({ records: [record] });
  await source.erase({ id: record.id, parts: ["version"] });
  expect(await copyRecords(source, target)).toMatchObject({ created: 0, disclosed: 1, erased: 1 });
  const [stored] = (await target.get({ ids: [record.id] })).records;
  expect(stored?.record.name).toBe("plate");
  expect([...(stored?.erased ?? [])].sort()).toEqual(["tags", "version"]);
});

test("names a record that the target holds under another digest, and copies the others", async () => {
  const [source, target] = [new MemoryRecordStore(), new MemoryRecordStore()];
  const mine = makeRecord({ kind: "asset", name: "mine" });
  const theirs = { ...makeRecord({ kind: "asset", name: "theirs" }), id: mine.id };
  const other = makeRecord({ kind: "asset", name: "other" });
  await source.put({ records: [mine, other] });
  await target.put({ records: [theirs] });
  const { created, conflicts } = await copyRecords(source, target);
  expect(created).toBe(1);
  expect(conflicts).toEqual([
    { id: mine.id, sourceDigest: recordDigest(mine), targetDigest: recordDigest(theirs) },
  ]);
});

test("copies a closure alone, and says where it leads nowhere", async () => {
  const [source, target] = [new MemoryRecordStore(), new MemoryRecordStore()];
  const gone = makeRecord({ kind: "asset", name: "gone" });
  const plate = makeRecord({
    kind: "asset",
    links: [{ rel: "derivedFrom", to: gone.id, digest: recordDigest(gone) }],
  });
  const matte = makeRecord({
    kind: "asset",
    links: [{ rel: "derivedFrom", to: plate.id, digest: recordDigest(plate) }],
  });
  await source.put({ records: [plate, matte, makeRecord({ kind: "asset" })] });
  const { created, gaps } = await copyRecords(source, target, { roots: [matte.id] });
  expect(created).toBe(2);
  expect(gaps.map(({ type, id }) => [type, id])).toEqual([["missing", gone.id]]);
});

test("goes on where it was stopped", async () => {
  const source = await randomStore(Array.from({ length: 1_200 }, (_, index) => index));
  const path = join(await temporaryFolder(), "target.db");
  {
    await using target = await SqliteRecordStore.open({ path });
    let puts = 0;
    const failing = new Proxy(target, {
      get: (store, name) =>
        name === "put"
          ? async (request: PutRequest) => {
              puts += 1;
              if (puts > 300) throw new Error("the power went");
              return await store.put(request);
            }
          : Reflect.get(store, name, store).bind?.(store),
    });
    await expect(copyRecords(source, failing)).rejects.toThrow("the power went");
  }
  await using target = await SqliteRecordStore.open({ path });
  const before = await target.count({ where: [] });
  const report = await copyRecords(source, target);
  expect(before.count).toBeGreaterThan(0);
  expect(report.created).toBe(1_200 - before.count);
  expect((await target.count({ where: [] })).count).toBe(1_200);
  for await (const { damages } of target.verify({})) expect(damages).toEqual([]);
});

test("makes the moves of aliases again, and names those that differ", async () => {
  const [source, target] = [new MemoryRunStore(), new MemoryRunStore()];
  const [first, second] = [makeRecord({ kind: "model" }), makeRecord({ kind: "model" })];
  const move = { digest: recordDigest(first), by: "Ada" };
  await source.setAlias({ alias: "roto@latest", to: first.id, ...move });
  await source.setAlias({ alias: "roto@latest", to: second.id, ...move });
  await source.setAlias({ alias: "roto@approved", to: first.id, ...move });
  await target.setAlias({ alias: "roto@approved", to: second.id, ...move });
  expect(await copyAliases(source, target)).toEqual({
    copied: ["roto@latest"],
    known: [],
    differing: ["roto@approved"],
  });
  expect((await target.aliasHistory("roto@latest")).map(({ to }) => to)).toEqual([second.id, first.id]);
  expect((await copyAliases(source, target)).known).toEqual(["roto@latest"]);
});
