// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { recordDigest, tombstone } from "@rmtc/attest";
import type { Change, RecordStore } from "@rmtc/contract";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { sample } from "./sample-records.ts";

/** How the feed tells of every change. */
export const changesCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.changes.order",
    level: "must",
    spec: "record-store.md#rmtc-rst-140",
    title: "tells every put, disclosure and erasure in the order they took effect",
    async run({ store }) {
      const [a, b, c] = [sample(), sample(), sample()];
      await store.put({ records: [c, a] });
      await store.put({ records: [tombstone(b)] });
      await store.erase({ id: a.id, parts: ["name"] });
      await store.put({ records: [b] });
      const changes = await follow(store, undefined, 10);
      assertSame(distinct(changes), [
        `put ${c.id}`,
        `put ${a.id}`,
        `put ${b.id}`,
        `erasure ${a.id}`,
        `disclosure ${b.id}`,
      ]);
    },
  },
  {
    id: "record-store.changes.content",
    level: "must",
    spec: "record-store.md#rmtc-rst-141",
    title: "tells kind, digest, partition and time of each change",
    async run({ store }) {
      const record = sample({ kind: "weights" });
      await store.put({ records: [record], partition: "studio" });
      const [change] = (await store.changes({ limit: 1 })).changes;
      assert.ok(change, "there is no change");
      const stored = (await store.get({ ids: [record.id] })).records[0];
      assertSame(change, {
        cursor: change.cursor,
        type: "put",
        id: record.id,
        kind: "weights",
        digest: recordDigest(record),
        partition: "studio",
        receivedAt: stored?.receivedAt,
      });
    },
  },
  {
    id: "record-store.changes.resume",
    level: "must",
    spec: "record-store.md#rmtc-rst-142",
    title: "goes on after each change's cursor, in pages of any size",
    async run({ store }) {
      const records = Array.from({ length: 7 }, () => sample());
      for (const record of records) await store.put({ records: [record] });
      await store.erase({ id: records[0]?.id ?? "", parts: ["name"] });
      const whole = await follow(store, undefined, 100);
      for (const limit of [1, 2, 3, 8, 10_000]) {
        const paged = await follow(store, undefined, limit);
        assertSame(distinct(paged), distinct(whole), `pages of ${limit}`);
      }
      for (const [index, { cursor }] of whole.entries()) {
        const rest = await follow(store, cursor, 2);
        assertSame(distinct(rest), distinct(whole.slice(index + 1)), `after change ${index}`);
      }
    },
  },
  {
    id: "record-store.changes.end",
    level: "must",
    spec: "record-store.md#rmtc-rst-143",
    title: "gives the cursor back that it was given when nothing came after it",
    async run({ store }) {
      const empty = await store.changes({ limit: 10 });
      assertSame(empty.changes, []);
      const { cursor } = await store.put({ records: [sample()] });
      assertSame(await store.changes({ cursor, limit: 10 }), { changes: [], cursor });
      const later = sample();
      await store.put({ records: [later] });
      const fromEmpty = await store.changes({ cursor: empty.cursor, limit: 10 });
      assert.equal(fromEmpty.changes.length, 2);
    },
  },
  {
    id: "record-store.changes.head",
    level: "must",
    spec: "record-store.md#rmtc-rst-144",
    title: "has its newest position in head, and in the answers of put and erase",
    async run({ store }) {
      const [first, second] = [sample(), sample()];
      const start = await store.head();
      const put = await store.put({ records: [first] });
      assert.equal((await store.head()).cursor, put.cursor);
      const erased = await store.erase({ id: first.id, parts: ["name"] });
      assert.equal((await store.head()).cursor, erased.cursor);
      await store.put({ records: [second] });
      const types = async (cursor: string): Promise<string[]> =>
        (await follow(store, cursor, 10)).map(({ type, id }) => `${type} ${id}`);
      assertSame(await types(erased.cursor), [`put ${second.id}`]);
      assertSame(await types(put.cursor), [`erasure ${first.id}`, `put ${second.id}`]);
      assert.equal((await types(start.cursor)).length, 3);
    },
  },
  {
    id: "record-store.changes.limit",
    level: "must",
    spec: "record-store.md#rmtc-rst-145",
    title: "refuses limits that are not integers from 1 to 10,000",
    async run({ store }) {
      await store.put({ records: [sample()] });
      for (const limit of [0, -1, 10_001, 1.5, Number.NaN]) {
        await rejectsWith(() => store.changes({ limit }), "RMTC_QUERY_INVALID");
      }
    },
  },
  {
    id: "record-store.changes.cursor-foreign",
    level: "must",
    spec: "record-store.md#rmtc-rst-146",
    title: "refuses a cursor of nobody's",
    async run({ store }) {
      await store.put({ records: [sample()] });
      for (const cursor of ["nobody's", "", "-1", "1e3", "' OR 1=1"]) {
        await rejectsWith(() => store.changes({ cursor, limit: 1 }), "RMTC_CURSOR_INVALID");
      }
    },
  },
  {
    id: "record-store.changes.parallel",
    level: "must",
    spec: "record-store.md#rmtc-rst-147",
    title: "misses no change when a reader follows while many write",
    async run({ store, open, size }) {
      const writers = store.capabilities.concurrentWriters ? [store, await open(), await open()] : [store];
      const perWriter = size(24, 6);
      const batches = writers.flatMap((writer) =>
        Array.from({ length: perWriter }, () => ({ writer, records: [sample(), sample()] })),
      );
      let writing = true;
      const written = Promise.all(batches.map(({ writer, records }) => writer.put({ records }))).finally(
        () => {
          writing = false;
        },
      );
      const seen: Change[] = [];
      let cursor: string | undefined;
      for (;;) {
        const last = !writing;
        const page = await store.changes({ cursor, limit: 5 });
        seen.push(...page.changes);
        cursor = page.cursor;
        if (last && page.changes.length === 0) break;
        // A store in memory may answer before any writer gets its turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await written;
      const wanted = batches.flatMap(({ records }) => records.map(({ id }) => id)).sort();
      assertSame([...new Set(seen.map(({ id }) => id))].sort(), wanted);
      for (const { records } of batches) {
        const [first, second] = records.map(({ id }) => seen.findIndex((change) => change.id === id));
        assert.ok((first ?? 0) < (second ?? 0), "one put's records are told in another order");
      }
    },
  },
];

async function follow(store: RecordStore, start: string | undefined, limit: number): Promise<Change[]> {
  const all: Change[] = [];
  for (let cursor = start; ; ) {
    const page = await store.changes({ cursor, limit });
    assert.ok(page.changes.length <= limit, `${page.changes.length} changes for a limit of ${limit}`);
    if (page.changes.length === 0) return all;
    assert.equal(page.cursor, page.changes.at(-1)?.cursor, "the page's cursor is not its last change's");
    assert.ok(all.length < 10_000, "the feed does not end");
    all.push(...page.changes);
    cursor = page.cursor;
  }
}

/** A change may be told more than once; what counts is when it is told first. */
function distinct(changes: readonly Change[]): string[] {
  return [...new Set(changes.map(({ type, id }) => `${type} ${id}`))];
}
