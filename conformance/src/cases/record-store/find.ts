// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { newRecordId } from "@rmtc/attest";
import type { Filter } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { findIds } from "./find-records.ts";
import { bare, sample } from "./sample-records.ts";

/** What each field and operator of a query means. */
export const findCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.find.all",
    level: "must",
    spec: "query.md#rmtc-qry-010",
    title: "finds every record when there is no filter",
    async run({ store }) {
      assertSame((await store.find({ where: [], limit: 10 })).records, []);
      const records = [sample(), bare(), sample({ kind: "party" })];
      await store.put({ records });
      assertSame(await findIds(store, []), records.map(({ id }) => id).sort());
    },
  },
  {
    id: "record-store.find.and",
    level: "must",
    spec: "query.md#rmtc-qry-010",
    title: "finds the records that pass all filters",
    async run({ store }) {
      const both = sample({ name: "hero", tags: ["roto"] });
      const one = sample({ name: "hero", tags: ["paint"] });
      const other = sample({ name: "villain", tags: ["roto"] });
      await store.put({ records: [both, one, other] });
      const where: Filter[] = [
        { field: "name", op: "eq", value: "hero" },
        { field: "tag", op: "eq", value: "roto" },
      ];
      assertSame(await findIds(store, where), [both.id]);
      assertSame(await findIds(store, [...where, { field: "kind", op: "eq", value: "run" }]), []);
    },
  },
  {
    id: "record-store.find.eq",
    level: "must",
    spec: "query.md#rmtc-qry-012",
    title: "compares texts exactly: case, spaces and composition count",
    async run({ store }) {
      const names = ["Zo\u00eb", "Zoe\u0308", "zo\u00eb", " Zo\u00eb", "Zo\u00eb ", "Zo_", "Zo%"];
      const records = names.map((name) => sample({ name }));
      await store.put({ records });
      for (const [index, name] of names.entries()) {
        const found = await findIds(store, [{ field: "name", op: "eq", value: name }]);
        assertSame(found, [records[index]?.id], JSON.stringify(name));
      }
    },
  },
  {
    id: "record-store.find.in",
    level: "must",
    spec: "query.md#rmtc-qry-012",
    title: "finds by any value of a list, each record once",
    async run({ store }) {
      const records = ["a", "b", "c"].map((name, index) =>
        sample({ name, tags: [name, "every"], body: { frameNumber: index } }),
      );
      await store.put({ records });
      const ids = records.map(({ id }) => id);
      const first = [ids[0], ids[2]].sort();
      assertSame(await findIds(store, [{ field: "name", op: "in", value: ["a", "c", "a", "x"] }]), first);
      assertSame(await findIds(store, [{ field: "tag", op: "in", value: ["a", "c", "every"] }]), ids.sort());
      assertSame(await findIds(store, [{ field: "asset.frameNumber", op: "in", value: [0, 2, 99] }]), first);
      assertSame(await findIds(store, [{ field: "id", op: "in", value: ids }]), ids);
    },
  },
  {
    id: "record-store.find.prefix",
    level: "must",
    spec: "query.md#rmtc-qry-013",
    title: "finds by the beginning of a text, letter by letter as it is written",
    async run({ store }) {
      const names = ["sh010", "sh0100", "sh010_v2", "SH010", "xsh010", "sh01", "sh\u{1f3ac}"];
      const records = names.map((name) => sample({ name }));
      await store.put({ records });
      const byPrefix = async (value: string): Promise<string[]> =>
        (await findIds(store, [{ field: "name", op: "prefix", value }])).map(
          (id) => names[records.findIndex((record) => record.id === id)] ?? id,
        );
      assertSame((await byPrefix("sh010")).sort(), ["sh010", "sh0100", "sh010_v2"]);
      assertSame(await byPrefix("sh010_"), ["sh010_v2"]);
      assertSame(await byPrefix("sh\u{1f3ac}"), ["sh\u{1f3ac}"]);
      assertSame(await byPrefix("%"), []);
      assertSame(await byPrefix("SH"), ["SH010"]);
    },
  },
  {
    id: "record-store.find.prefix-highest",
    level: "must",
    spec: "query.md#rmtc-qry-013",
    title: "finds by a beginning whose last character has no successor",
    async run({ store }) {
      const names = ["a\ud7ff", "a\ud7ffb", "a\ue000", "a\u{10fffd}", "a\u{10fffd}\u{10fffd}", "b"];
      const records = names.map((name) => sample({ name }));
      await store.put({ records });
      for (const value of names) {
        const found = await findIds(store, [{ field: "name", op: "prefix", value }]);
        const wanted = records.filter(({ name }) => name?.startsWith(value)).map(({ id }) => id);
        assertSame(found, wanted.sort(), JSON.stringify(value));
      }
    },
  },
  {
    id: "record-store.find.text",
    level: "must",
    spec: "query.md#rmtc-qry-014",
    title: "finds by the beginnings of words, without regard to case, accents and their order",
    async run({ store }) {
      const zoe = sample({ name: "Zo\u00eb Saldana, hero-roto v003" });
      const plain = sample({ name: "zoetrope" });
      const other = sample({ name: "Azo\u00eb" });
      await store.put({ records: [zoe, plain, other] });
      const byText = (value: string): Promise<string[]> =>
        findIds(store, [{ field: "name", op: "text", value }]);
      assertSame(await byText("zoe"), [zoe.id, plain.id].sort());
      assertSame(await byText("ZO\u00cb"), [zoe.id, plain.id].sort());
      assertSame(await byText("Zoe\u0308 sal"), [zoe.id]);
      assertSame(await byText("rot hero"), [zoe.id]);
      assertSame(await byText("hero.ROTO"), [zoe.id]);
      assertSame(await byText("aldana"), []);
      assertSame(await byText("zoe villain"), []);
    },
  },
  {
    id: "record-store.find.text-unicode",
    level: "must",
    spec: "query.md#rmtc-qry-030",
    title: "splits words of any script as the standard's tokeniser does",
    async run({ store }) {
      const names = [
        "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3",
        "\ufb01lm \u2460",
        "\u65e5\u672c\u8a9e",
        "a_b-c",
        "stra\u00dfe",
      ];
      const records = names.map((name) => sample({ name }));
      await store.put({ records });
      const found = async (value: string): Promise<(string | undefined)[]> => {
        const ids = await findIds(store, [{ field: "name", op: "text", value }]);
        return ids.map((id) => records.find((record) => record.id === id)?.name);
      };
      assertSame(await found("\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2"), [names[0]]);
      assertSame(await found("film 1"), [names[1]]);
      assertSame(await found("\u65e5"), [names[2]]);
      assertSame(await found("\u672c"), []);
      assertSame(await found("b"), [names[3]]);
      assertSame(await found("stra\u00dfe"), [names[4]]);
    },
  },
  {
    id: "record-store.find.range-integer",
    level: "must",
    spec: "query.md#rmtc-qry-016",
    title: "compares integers by number",
    async run({ store }) {
      const numbers = [-(2 ** 53) + 1, -10, -9, 0, 9, 10, 100, 2 ** 53 - 1];
      const records = numbers.map((frameNumber) => sample({ body: { frameNumber } }));
      await store.put({ records: [...records, sample({ body: {} })] });
      const holds: readonly (readonly [Filter["op"], (a: number, b: number) => boolean])[] = [
        ["eq", (a, b) => a === b],
        ["lt", (a, b) => a < b],
        ["lte", (a, b) => a <= b],
        ["gt", (a, b) => a > b],
        ["gte", (a, b) => a >= b],
      ];
      for (const [op, test] of holds) {
        for (const value of [...numbers, 5]) {
          const found = await findIds(store, [{ field: "asset.frameNumber", op, value }]);
          const wanted = records.filter((_, index) => test(numbers[index] ?? 0, value)).map(({ id }) => id);
          assertSame(found, wanted.sort(), `${op} ${value}`);
        }
      }
    },
  },
  {
    id: "record-store.find.range-time",
    level: "must",
    spec: "query.md#rmtc-qry-016",
    title: "compares times by moment",
    async run({ store }) {
      const times = ["1999-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.001Z"];
      const records = times.map((createdAt) => sample({ createdAt }));
      await store.put({ records });
      const found = async (op: Filter["op"]): Promise<(string | undefined)[]> => {
        const ids = await findIds(store, [{ field: "created", op, value: times[1] ?? "" }]);
        return ids.map((id) => records.find((record) => record.id === id)?.createdAt).sort();
      };
      assertSame(await found("lt"), [times[0]]);
      assertSame(await found("lte"), [times[0], times[1]]);
      assertSame(await found("gt"), [times[2]]);
      assertSame(await found("gte"), [times[1], times[2]]);
    },
  },
  {
    id: "record-store.find.parts",
    level: "must",
    spec: "record-store.md#rmtc-rst-060",
    title: "returns the parts asked for, as get does",
    async run({ store }) {
      const record = sample({ version: "1", tags: ["a"] });
      await store.put({ records: [record] });
      for (const parts of [undefined, [], ["version"], ["name", "tags"]] as const) {
        const where: Filter[] = [{ field: "name", op: "eq", value: "sample" }];
        const found = await store.find({ where, limit: 1, parts });
        assertSame(found.records, (await store.get({ ids: [record.id], parts })).records);
      }
    },
  },
  {
    id: "record-store.find.query-invalid",
    level: "must",
    spec: "query.md#rmtc-qry-019",
    title: "refuses fields, operators and values that are not in the registry",
    async run({ store }) {
      await store.put({ records: [sample()] });
      const refused: readonly Filter[] = [
        { field: "annotations", op: "eq", value: "x" },
        { field: "body.frameNumber", op: "eq", value: 1 },
        { field: "", op: "eq", value: "x" },
        { field: "constructor", op: "eq", value: "x" },
        { field: "link.dreamtOf", op: "exists", value: true },
        { field: "name", op: "lt", value: "x" },
        { field: "kind", op: "prefix", value: "a" },
        { field: "name", op: "like" as Filter["op"], value: "x" },
        { field: "name", op: "eq", value: 1 },
        { field: "name", op: "in", value: "x" },
        { field: "name", op: "in", value: [] },
        { field: "name", op: "exists", value: "yes" },
        { field: "name", op: "text", value: "-" },
        { field: "asset.frameNumber", op: "eq", value: "1" },
        { field: "asset.frameNumber", op: "gt", value: 1.5 },
        { field: "created", op: "gt", value: "2026" },
      ];
      for (const filter of refused) {
        const what = JSON.stringify(filter);
        const error = await rejectsWith(
          () => store.find({ where: [filter], limit: 1 }),
          "RMTC_QUERY_INVALID",
        );
        assert.ok(error.pointer?.startsWith("/where/0"), `${what}: the pointer is ${error.pointer}`);
        await rejectsWith(() => store.count({ where: [filter] }), "RMTC_QUERY_INVALID");
      }
    },
  },
  {
    id: "record-store.find.unknown-option",
    level: "must",
    spec: "query.md#rmtc-qry-018",
    title: "refuses a request with a field it does not know, which would widen the answer in silence",
    async run({ store }) {
      const filter: Filter = { field: "name", op: "eq", value: "x" };
      const misspelt = { ...filter, not: true };
      await rejectsWith(() => store.find({ where: [misspelt], limit: 1 }), "RMTC_QUERY_INVALID");
      const request = { where: [filter], limit: 1, sort: "name" };
      await rejectsWith(() => store.find(request), "RMTC_QUERY_INVALID");
    },
  },
  {
    id: "record-store.find.as-of",
    level: "must",
    spec: "record-store.md#rmtc-rst-061",
    title: "says as of which change it answers",
    async run({ store }) {
      const { cursor } = await store.put({ records: [sample()] });
      const found = await store.find({ where: [], limit: 1 });
      const counted = await store.count({ where: [] });
      const later = sample();
      await store.put({ records: [later] });
      for (const asOf of [cursor, found.asOf, counted.asOf]) {
        const { changes } = await store.changes({ cursor: asOf, limit: 10 });
        assertSame(
          changes.map(({ id }) => id),
          [later.id],
        );
      }
    },
  },
  {
    id: "record-store.find.hostile-values",
    level: "must",
    spec: "query.md#rmtc-qry-012",
    title: "takes every text for itself, also one that means something to a query language",
    async run({ store }) {
      const names = [
        "' OR '1'='1",
        '"; DROP TABLE records; --',
        "%",
        "_",
        "*",
        "\\",
        "a*",
        "NEAR(a b)",
        "$x",
        "a\nb",
      ];
      const records: RmtcRecord[] = names.map((name) => sample({ name, tags: [name] }));
      await store.put({ records });
      for (const [index, value] of names.entries()) {
        const wanted = [records[index]?.id];
        assertSame(await findIds(store, [{ field: "name", op: "eq", value }]), wanted, value);
        assertSame(await findIds(store, [{ field: "tag", op: "in", value: [value] }]), wanted, value);
      }
      const near = await findIds(store, [{ field: "name", op: "text", value: 'NEAR("a" OR b)' }]);
      assertSame(near, []);
      assertSame(await findIds(store, [{ field: "id", op: "eq", value: newRecordId() }]), []);
    },
  },
];
