// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { Filter, FindRequest, QueryOrder } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { collectPages } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { findIds } from "./find-records.ts";
import { bare, putAll, sample } from "./sample-records.ts";

const all: readonly Filter[] = [];

/** In which order results come, and how they are cut into pages. */
export const pagesCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.order.id",
    level: "must",
    spec: "query.md#rmtc-qry-022",
    title: "orders by id unless told",
    async run({ store }) {
      const records = Array.from({ length: 12 }, () => sample()).reverse();
      await store.put({ records });
      assertSame(await findIds(store, all), records.map(({ id }) => id).sort());
    },
  },
  {
    id: "record-store.order.utf8",
    level: "must",
    spec: "query.md#rmtc-qry-020",
    title: "orders texts by their UTF-8 bytes, not by UTF-16 code units, case or language",
    async run({ store }) {
      const names = [
        "A",
        "Z",
        "a",
        "z",
        "z ",
        "za",
        "\u00e4",
        "\u{ff21}",
        "\uffdc",
        "\ufffd",
        "\u{10000}",
        "\u{1f3ac}",
      ];
      const records = names.map((name) => sample({ name }));
      await store.put({ records: [...records].sort((a, b) => (a.id < b.id ? 1 : -1)) });
      const order = { field: "name" };
      const found = await findIds(store, all, { order, limit: 3 });
      assertSame(namesOf(found, records), names);
      const falling = await findIds(store, all, { order: { ...order, descending: true }, limit: 3 });
      assertSame(namesOf(falling, records), [...names].reverse());
    },
  },
  {
    id: "record-store.order.integer",
    level: "must",
    spec: "query.md#rmtc-qry-020",
    title: "orders integers by number",
    async run({ store }) {
      const numbers = [-(2 ** 53) + 1, -100, -99, -1, 0, 1, 9, 10, 1001, 2 ** 53 - 1];
      const records = numbers.map((frameNumber) => sample({ body: { frameNumber } }));
      await store.put({ records: [...records].reverse() });
      const ids = records.map(({ id }) => id);
      const order = { field: "asset.frameNumber" };
      assertSame(await findIds(store, all, { order, limit: 4 }), ids);
      const falling = await findIds(store, all, { order: { ...order, descending: true }, limit: 4 });
      assertSame(falling, ids.reverse());
    },
  },
  {
    id: "record-store.order.missing-last",
    level: "must",
    spec: "query.md#rmtc-qry-021",
    title: "puts records without the field last, ascending and descending, by id",
    async run({ store }) {
      const low = sample({ body: { frameNumber: -5 } });
      const high = sample({ body: { frameNumber: 5 } });
      const without = [bare(), sample({ kind: "party", body: { frameNumber: 1 } }), sample({ body: {} })];
      await store.put({ records: [...without, high, low] });
      const missing = without.map(({ id }) => id).sort();
      for (const limit of [1, 2, 10]) {
        const order: QueryOrder = { field: "asset.frameNumber" };
        assertSame(await findIds(store, all, { order, limit }), [low.id, high.id, ...missing]);
        const falling = await findIds(store, all, { order: { ...order, descending: true }, limit });
        assertSame(falling, [high.id, low.id, ...missing]);
      }
    },
  },
  {
    id: "record-store.order.ties",
    level: "must",
    spec: "query.md#rmtc-qry-021",
    title: "orders equal values by ascending id, also when the order descends",
    async run({ store }) {
      const records = Array.from({ length: 9 }, (_, index) =>
        sample({ name: index % 2 === 0 ? "even" : "odd" }),
      );
      await store.put({ records: [...records].reverse() });
      const ids = (name: string): string[] =>
        records
          .filter((one) => one.name === name)
          .map(({ id }) => id)
          .sort();
      for (const limit of [1, 2, 4, 10]) {
        const rising = await findIds(store, all, { order: { field: "name" }, limit });
        assertSame(rising, [...ids("even"), ...ids("odd")]);
        const falling = await findIds(store, all, { order: { field: "name", descending: true }, limit });
        assertSame(falling, [...ids("odd"), ...ids("even")]);
      }
    },
  },
  {
    id: "record-store.order.created",
    level: "must",
    spec: "query.md#rmtc-qry-020",
    title: "orders by the time a record says it was created, and by kind",
    async run({ store }) {
      const first = sample({ kind: "run", createdAt: "1999-12-31T23:59:59.999Z" });
      const second = sample({ kind: "asset", createdAt: "2026-01-01T00:00:00.000Z" });
      const third = sample({ kind: "weights", createdAt: "2026-01-01T00:00:00.001Z" });
      await store.put({ records: [third, first, second] });
      const byTime = await findIds(store, all, { order: { field: "created" } });
      assertSame(byTime, [first.id, second.id, third.id]);
      const byKind = await findIds(store, all, { order: { field: "kind" } });
      assertSame(byKind, [second.id, first.id, third.id]);
    },
  },
  {
    id: "record-store.order.refused",
    level: "must",
    spec: "query.md#rmtc-qry-019",
    title: "refuses to order by a field that cannot be ordered by",
    async run({ store }) {
      for (const field of ["tag", "id", "link.depicts", "nothing", ""]) {
        const error = await rejectsWith(
          () => store.find({ where: [], order: { field }, limit: 1 }),
          "RMTC_QUERY_INVALID",
        );
        assert.ok(error.pointer?.startsWith("/order"), `${field}: the pointer is ${error.pointer}`);
      }
    },
  },
  {
    id: "record-store.pages.complete",
    level: "must",
    spec: "query.md#rmtc-qry-023",
    title: "cuts results into full pages, each record once, and ends them without a cursor",
    async run({ store }) {
      const records = Array.from({ length: 10 }, (_, index) => sample({ name: `n${index % 3}` }));
      await store.put({ records });
      for (const order of [undefined, { field: "name" }, { field: "version" }]) {
        for (const limit of [1, 3, 5, 9, 10, 11, 1_000]) {
          const pages = await collectPages((cursor) => store.find({ where: all, order, limit, cursor }));
          const sizes = pages.map((page) => page.records.length);
          const what = `order ${order?.field}, limit ${limit}: pages of ${sizes.join(", ")}`;
          const ids = pages.flatMap((page) => page.records.map(({ record }) => record.id));
          assert.equal(new Set(ids).size, 10, what);
          assert.equal(ids.length, 10, what);
          assert.ok(
            sizes.every((size, index) => size === limit || (index === sizes.length - 1 && size < limit)),
            what,
          );
          assert.ok((sizes.at(-1) ?? 0) > 0, `${what}: the last page is empty`);
        }
      }
    },
  },
  {
    id: "record-store.pages.stable",
    level: "must",
    spec: "query.md#rmtc-qry-023",
    title: "neither repeats nor misses records when others come in between pages",
    async run({ store }) {
      const records = Array.from({ length: 8 }, (_, index) => sample({ name: `m${index}` }));
      await store.put({ records });
      for (const descending of [false, true]) {
        const order = { field: "name", descending };
        const seen: string[] = [];
        let cursor: string | undefined;
        let pages = 0;
        do {
          const page = await store.find({ where: all, order, limit: 2, cursor });
          seen.push(...page.records.map(({ record }) => record.id));
          cursor = page.next;
          const place = page.records.at(-1)?.record.name ?? "m";
          const names = ["a", `${place}x`, "z"];
          if (pages++ < 6) await store.put({ records: names.map((name) => sample({ name })) });
        } while (cursor !== undefined && pages < 100);
        assert.equal(new Set(seen).size, seen.length, "a record came twice");
        const missed = records.filter(({ id }) => !seen.includes(id));
        assertSame(missed, [], "a record was missed");
      }
    },
  },
  {
    id: "record-store.pages.ends-on-any-order",
    level: "must",
    spec: "query.md#rmtc-qry-023",
    title: "goes on through values that only some records have",
    async run({ store }) {
      const records = Array.from({ length: 12 }, (_, index) =>
        index % 3 === 0 ? bare() : sample({ body: { frameNumber: index % 2 } }),
      );
      await store.put({ records });
      for (const descending of [false, true]) {
        const order = { field: "asset.frameNumber", descending };
        const whole = await findIds(store, all, { order, limit: 1_000 });
        for (const limit of [1, 2, 5]) {
          assertSame(await findIds(store, all, { order, limit }), whole, `limit ${limit}`);
        }
      }
    },
  },
  {
    id: "record-store.pages.cursor-foreign",
    level: "must",
    spec: "query.md#rmtc-qry-024",
    title: "refuses a page cursor of another request, or of nobody's",
    async run({ store }) {
      await store.put({ records: [sample(), sample(), sample({ kind: "party" })] });
      const request: FindRequest = { where: all, order: { field: "name" }, limit: 1 };
      const { next } = await store.find(request);
      assert.ok(next !== undefined, "there is no next page");
      const others: readonly FindRequest[] = [
        { ...request, where: [{ field: "kind", op: "eq", value: "asset" }], cursor: next },
        { ...request, order: { field: "name", descending: true }, cursor: next },
        { ...request, order: { field: "created" }, cursor: next },
        { ...request, order: undefined, cursor: next },
        { ...request, cursor: `${next.slice(0, -4)}AAAA` },
        { ...request, cursor: "nobody's" },
        { ...request, cursor: "" },
        { ...request, cursor: "0" },
      ];
      for (const other of others) {
        await rejectsWith(() => store.find(other), "RMTC_CURSOR_INVALID");
      }
    },
  },
  {
    id: "record-store.pages.limit",
    level: "must",
    spec: "query.md#rmtc-qry-023",
    title: "refuses limits that are not integers from 1 to 1,000",
    async run({ store }) {
      await store.put({ records: [sample()] });
      for (const limit of [0, -1, 1_001, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        await rejectsWith(() => store.find({ where: [], limit }), "RMTC_QUERY_INVALID");
      }
      for (const limit of [1, 1_000])
        assert.equal((await store.find({ where: [], limit })).records.length, 1);
    },
  },
  {
    id: "record-store.count.exact",
    level: "must",
    spec: "query.md#rmtc-qry-025",
    title: "counts what find would return",
    async run({ store }) {
      await store.put({
        records: [sample(), sample({ tags: ["a", "b"] }), sample({ kind: "party", tags: ["a"] })],
      });
      const filters: readonly (readonly Filter[])[] = [
        [],
        [{ field: "tag", op: "eq", value: "a" }],
        [{ field: "tag", op: "in", value: ["a", "b"] }],
        [{ field: "tag", op: "exists", value: false }],
        [
          { field: "tag", op: "eq", value: "a" },
          { field: "kind", op: "eq", value: "asset" },
        ],
        [{ field: "name", op: "text", value: "villain" }],
      ];
      for (const where of filters) {
        const { count, more } = await store.count({ where });
        assert.equal(count, (await findIds(store, where)).length, JSON.stringify(where));
        assert.equal(more, false);
      }
    },
  },
  {
    id: "record-store.count.more",
    level: "must",
    spec: "query.md#rmtc-qry-025",
    title: "counts exactly up to 10,000 and says when there are more",
    async run({ store }) {
      const records = Array.from({ length: 10_001 }, () => bare());
      await putAll(store, records.slice(1));
      const exact = await store.count({ where: [] });
      assertSame({ count: exact.count, more: exact.more }, { count: 10_000, more: false });
      await store.put({ records: records.slice(0, 1) });
      const beyond = await store.count({ where: [] });
      assertSame({ count: beyond.count, more: beyond.more }, { count: 10_000, more: true });
    },
  },
];

function namesOf(ids: readonly string[], records: readonly RmtcRecord[]): (string | undefined)[] {
  return ids.map((id) => records.find((record) => record.id === id)?.name);
}
