// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { newRecordId, recordDigest, redact, tombstone, verifyRecord } from "@rmtc/attest";
import type { PartName } from "@rmtc/spec";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { collect } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { linkTo, sample } from "./sample-records.ts";

const everyPart: readonly PartName[] = [
  "name",
  "version",
  "tags",
  "files",
  "body",
  "annotations",
  "extensions",
];

/** How parts go for ever while lineage stays. */
export const eraseCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.erase.parts",
    level: "must",
    spec: "record.md#rmtc-rec-033",
    title: "takes value and salt of a part away and keeps its hash and the record's digest",
    async run({ store }) {
      const record = sample({ version: "1", body: { performer: "someone" } });
      await store.put({ records: [record] });
      const { stored } = await store.erase({ id: record.id, parts: ["body", "name"] });
      assertSame(stored.record, redact(record, ["body", "name"]));
      assertSame([...stored.erased].sort(), ["body", "name"]);
      assertSame(stored.omitted, []);
      verifyRecord(stored.record, recordDigest(record));
      assertSame((await store.get({ ids: [record.id] })).records[0], stored);
    },
  },
  {
    id: "record-store.erase.every-read",
    level: "must",
    spec: "record-store.md#rmtc-rst-034",
    title: "gives an erased part out by no read",
    async run({ store }) {
      const record = sample({ name: "secret name", tags: ["secret"], body: { frameNumber: 7 } });
      await store.put({ records: [record] });
      await store.erase({ id: record.id, parts: ["name", "tags", "body"] });
      const everything = [
        await store.get({ ids: [record.id] }),
        await store.get({ ids: [record.id], parts: ["name", "tags", "body"] }),
        await store.find({ where: [], limit: 10 }),
        await store.find({ where: [], limit: 10, order: { field: "name" } }),
        await store.changes({ limit: 10 }),
        await store.put({ records: [tombstone(record)] }),
      ];
      assert.doesNotMatch(JSON.stringify(everything), /secret|frameNumber/);
      for (const salt of Object.values(record.salts ?? {})) {
        assert.ok(!JSON.stringify(everything).includes(salt), "a salt of an erased part is given out");
      }
    },
  },
  {
    id: "record-store.erase.not-found-by-value",
    level: "must",
    spec: "query.md#rmtc-qry-004",
    title: "finds a record no longer by what was erased",
    async run({ store }) {
      const record = sample({ name: "gone", tags: ["gone"], body: { frameNumber: 7 } });
      await store.put({ records: [record] });
      await store.erase({ id: record.id, parts: ["name", "tags", "body"] });
      const filters = [
        { field: "name", op: "eq", value: "gone" },
        { field: "name", op: "text", value: "gone" },
        { field: "name", op: "exists", value: true },
        { field: "tag", op: "eq", value: "gone" },
        { field: "asset.frameNumber", op: "eq", value: 7 },
      ] as const;
      for (const filter of filters) {
        const { count } = await store.count({ where: [filter] });
        assert.equal(count, 0, `${filter.field} ${filter.op} still finds it`);
      }
      assert.equal((await store.count({ where: [{ field: "name", op: "exists", value: false }] })).count, 1);
    },
  },
  {
    id: "record-store.erase.never-back",
    level: "must",
    spec: "record.md#rmtc-rec-034",
    title: "takes an erased part back by no later put",
    async run({ store }) {
      const record = sample({ body: { performer: "someone" } });
      await store.put({ records: [record] });
      await store.erase({ id: record.id, parts: ["body"] });
      const { results } = await store.put({ records: [record, redact(record, ["name"])] });
      assertSame(
        results.map(({ status }) => status),
        ["known", "known"],
      );
      const stored = (await store.get({ ids: [record.id] })).records[0];
      assertSame(stored?.record, redact(record, ["body"]));
      assertSame(stored?.erased, ["body"]);
    },
  },
  {
    id: "record-store.erase.never-back-beside-disclosure",
    level: "must",
    spec: "record.md#rmtc-rec-034",
    title: "takes a withheld part in while it leaves out an erased one",
    async run({ store }) {
      const record = sample({ version: "3", body: { performer: "someone" } });
      await store.put({ records: [redact(record, ["version"])] });
      await store.erase({ id: record.id, parts: ["body"] });
      const { results } = await store.put({ records: [record] });
      assert.equal(results[0]?.status, "disclosed");
      const stored = (await store.get({ ids: [record.id] })).records[0];
      assertSame(stored?.record, redact(record, ["body"]));
    },
  },
  {
    id: "record-store.erase.before-held",
    level: "must",
    spec: "record-store.md#rmtc-rst-036",
    title: "erases a part that it does not hold yet, so that it never comes",
    async run({ store }) {
      const record = sample({ body: { performer: "someone" } });
      await store.put({ records: [tombstone(record)] });
      const { stored } = await store.erase({ id: record.id, parts: ["body"] });
      assertSame(stored.erased, ["body"]);
      await store.put({ records: [record] });
      const after = (await store.get({ ids: [record.id] })).records[0];
      assertSame(after?.record, redact(record, ["body"]));
    },
  },
  {
    id: "record-store.erase.absent-part",
    level: "must",
    spec: "record-store.md#rmtc-rst-036",
    title: "passes over a part that the record does not have",
    async run({ store }) {
      const record = sample();
      await store.put({ records: [record] });
      const { stored } = await store.erase({ id: record.id, parts: ["files"] });
      assertSame(stored.record, record);
      assertSame(stored.erased, []);
    },
  },
  {
    id: "record-store.erase.again",
    level: "must",
    spec: "record-store.md#rmtc-rst-037",
    title: "adds to what was erased before, and changes nothing when it is repeated",
    async run({ store }) {
      const record = sample({ version: "1", body: { at: 1 } });
      await store.put({ records: [record] });
      await store.erase({ id: record.id, parts: ["body"] });
      await store.erase({ id: record.id, parts: ["name"] });
      const { stored } = await store.erase({ id: record.id, parts: ["body"] });
      assertSame([...stored.erased].sort(), ["body", "name"]);
      assertSame(stored.record, redact(record, ["body", "name"]));
    },
  },
  {
    id: "record-store.erase.not-held",
    level: "must",
    spec: "record-store.md#rmtc-rst-038",
    title: "refuses to erase parts of a record that is not held",
    async run({ store }) {
      await rejectsWith(() => store.erase({ id: newRecordId(), parts: ["body"] }), "RMTC_NOT_FOUND");
    },
  },
  {
    id: "record-store.erase.tombstone",
    level: "must",
    spec: "record.md#rmtc-rec-036",
    title: "keeps a tombstone in lineage: its links, edges and closures stay, without a gap",
    async run({ store }) {
      const plate = sample({ name: "plate" });
      const middle = sample({ name: "middle", body: { at: 1 }, links: [linkTo(plate)] });
      const matte = sample({ name: "matte", links: [linkTo(middle)] });
      await store.put({ records: [plate, middle, matte] });
      const { stored } = await store.erase({ id: middle.id, parts: everyPart });
      assertSame(stored.record, tombstone(middle));
      const { edges } = await store.edges({ ids: [middle.id], direction: "upstream", limit: 10 });
      assertSame(
        edges.map(({ to }) => to),
        [plate.id],
      );
      for (const [direction, root] of [
        ["upstream", matte],
        ["downstream", plate],
      ] as const) {
        const pages = await collect(store.closure({ roots: [root.id], direction }));
        assertSame(
          pages.flatMap(({ gaps }) => gaps),
          [],
        );
        assert.equal(pages.flatMap(({ records }) => records).length, 3);
      }
    },
  },
  {
    id: "record-store.erase.damage",
    level: "must",
    spec: "record-store.md#rmtc-rst-034",
    title: "verifies a record after parts of it were erased",
    async run({ store }) {
      const record = sample({ body: { at: 1 } });
      await store.put({ records: [record] });
      await store.erase({ id: record.id, parts: everyPart });
      const pages = await collect(store.verify({}));
      assertSame(
        pages.flatMap(({ damages }) => damages),
        [],
      );
    },
  },
];
