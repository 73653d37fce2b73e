// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { makeRecord, newRecordId, recordDigest } from "@rmtc/attest";
import type { RmtcRecord } from "@rmtc/spec";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { collectPages } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { bare, linkTo, linkToNowhere, sample } from "./sample-records.ts";

/** How records come in: whole, in order, once, and only when they are well formed. */
export const putCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.put.created",
    level: "must",
    spec: "record-store.md#rmtc-rst-002",
    title: "answers for each record in the order given, with the digest it computed",
    async run({ store }) {
      const records = [sample(), sample({ name: "second" }), bare()];
      const { results } = await store.put({ records });
      assertSame(
        results.map(({ id, digest, status }) => ({ id, digest, status })),
        records.map((record) => ({ id: record.id, digest: recordDigest(record), status: "created" })),
      );
    },
  },
  {
    id: "record-store.put.read-your-write",
    level: "must",
    spec: "record-store.md#rmtc-rst-017",
    title: "shows a record to every read once its put is acknowledged",
    async run({ store }) {
      const target = sample();
      const record = sample({ name: "visible", links: [linkTo(target)] });
      await store.put({ records: [target, record] });
      const { id } = record;
      assert.equal((await store.get({ ids: [id] })).records[0]?.record.id, id, "get does not show it");
      const found = await store.find({ where: [{ field: "name", op: "eq", value: "visible" }], limit: 10 });
      assertSame(
        found.records.map((one) => one.record.id),
        [id],
        "find does not show it",
      );
      assert.equal((await store.count({ where: [] })).count, 2, "count does not count it");
      const { edges } = await store.edges({ ids: [target.id], direction: "downstream", limit: 10 });
      assertSame(
        edges.map(({ from }) => from),
        [id],
        "edges does not show it",
      );
      const { changes } = await store.changes({ limit: 10 });
      assert.ok(
        changes.some((change) => change.id === id),
        "changes does not show it",
      );
    },
  },
  {
    id: "record-store.put.idempotent",
    level: "must",
    spec: "record-store.md#rmtc-rst-003",
    title: "changes nothing when a put is repeated",
    async run({ store }) {
      const records = [sample(), sample({ name: "second" })];
      const first = await store.put({ records });
      const before = await store.get({ ids: records.map(({ id }) => id) });
      const again = await store.put({ records });
      assertSame(
        again.results,
        first.results.map((result) => ({ ...result, status: "known" })),
      );
      assertSame(await store.get({ ids: records.map(({ id }) => id) }), before);
      assert.equal((await store.count({ where: [] })).count, 2);
      assertSame((await store.changes({ cursor: first.cursor, limit: 10 })).changes, []);
    },
  },
  {
    id: "record-store.put.twice-in-one",
    level: "must",
    spec: "record-store.md#rmtc-rst-003",
    title: "keeps a record once when one put gives it twice",
    async run({ store }) {
      const record = sample();
      const { results } = await store.put({ records: [record, record] });
      assertSame(
        results.map(({ status }) => status),
        ["created", "known"],
      );
      assert.equal((await store.count({ where: [] })).count, 1);
    },
  },
  {
    id: "record-store.put.atomic",
    level: "must",
    spec: "record-store.md#rmtc-rst-001",
    title: "keeps no record of a put when one of them is refused",
    async run({ store }) {
      const known = sample();
      const before = await store.put({ records: [known] });
      const good = [sample(), sample()];
      const conflicting = { ...sample(), id: known.id };
      await rejectsWith(() => store.put({ records: [...good, conflicting] }), "RMTC_RECORD_CONFLICT");
      const malformed = { ...sample(), createdAt: "yesterday" };
      await rejectsWith(() => store.put({ records: [...good, malformed] }), "RMTC_DOCUMENT_INVALID");
      const { records } = await store.get({ ids: good.map(({ id }) => id) });
      assertSame(records, [null, null]);
      assert.equal((await store.count({ where: [] })).count, 1);
      assertSame((await store.changes({ cursor: before.cursor, limit: 10 })).changes, []);
    },
  },
  {
    id: "record-store.put.order",
    level: "must",
    spec: "record-store.md#rmtc-rst-004",
    title: "gives records positions that rise in the order given, and from put to put",
    async run({ store }) {
      const records = Array.from({ length: 20 }, () => bare()).sort((a, b) => (a.id < b.id ? 1 : -1));
      await store.put({ records: records.slice(0, 10) });
      await store.put({ records: records.slice(10) });
      const { records: stored } = await store.get({ ids: records.map(({ id }) => id) });
      const positions = stored.map((one) => one?.position ?? Number.NaN);
      for (const [index, position] of positions.entries()) {
        assert.ok(Number.isSafeInteger(position), `position ${position} is no safe integer`);
        const before = positions[index - 1];
        assert.ok(before === undefined || position > before, `positions do not rise: ${positions.join(" ")}`);
      }
    },
  },
  {
    id: "record-store.put.conflict",
    level: "must",
    spec: "record.md#rmtc-rec-025",
    title: "refuses another digest under a known id and keeps the known record",
    async run({ store }) {
      const record = sample();
      await store.put({ records: [record] });
      const other = makeRecord({ id: record.id, kind: "asset", name: "sample" });
      await rejectsWith(() => store.put({ records: [other] }), "RMTC_RECORD_CONFLICT");
      assert.equal((await store.get({ ids: [record.id] })).records[0]?.digest, recordDigest(record));
    },
  },
  {
    id: "record-store.put.conflict-in-one",
    level: "must",
    spec: "record-store.md#rmtc-rst-005",
    title: "refuses one put with two digests under one id",
    async run({ store }) {
      const id = newRecordId();
      const records = [sample({ id }), sample({ id })];
      await rejectsWith(() => store.put({ records }), "RMTC_RECORD_CONFLICT");
      assertSame((await store.get({ ids: [id] })).records, [null]);
    },
  },
  {
    id: "record-store.put.forged-value",
    level: "must",
    spec: "record.md#rmtc-rec-025",
    title: "refuses a known record whose disclosed value, salt or redacted hash was changed",
    async run({ store }) {
      const record = sample({ version: "1" });
      await store.put({ records: [record] });
      const { name, salts, ...rest } = record;
      const otherSalt = { ...salts, name: "AAAAAAAAAAAAAAAAAAAAAA" };
      const forgedHash = { name: recordDigest(sample()) };
      const forgeries: RmtcRecord[] = [
        { ...record, name: "forged" },
        { ...record, salts: otherSalt },
        { ...rest, salts: { version: salts?.version ?? "" }, redacted: forgedHash },
      ];
      for (const forgery of forgeries) {
        await rejectsWith(() => store.put({ records: [forgery] }), "RMTC_RECORD_CONFLICT");
      }
      assert.equal((await store.get({ ids: [record.id] })).records[0]?.record.name, name);
    },
  },
  {
    id: "record-store.put.forged-part-hash",
    level: "must",
    spec: "record.md#rmtc-rec-024",
    title: "refuses a part that is disclosed and redacted at once",
    async run({ store }) {
      const record = sample();
      const forged = { ...record, redacted: { name: recordDigest(sample()) } };
      await rejectsWith(() => store.put({ records: [forged] }), "RMTC_DOCUMENT_INVALID");
      assertSame((await store.get({ ids: [record.id] })).records, [null]);
    },
  },
  {
    id: "record-store.put.missing-salt",
    level: "must",
    spec: "record.md#rmtc-rec-020",
    title: "refuses a part without salt, and a salt without part",
    async run({ store }) {
      const { salts, ...withoutSalts } = sample();
      const { name, ...withoutPart } = sample();
      for (const record of [withoutSalts, withoutPart]) {
        await rejectsWith(() => store.put({ records: [record] }), "RMTC_DOCUMENT_INVALID");
        assertSame((await store.get({ ids: [record.id] })).records, [null]);
      }
      assert.ok(name !== undefined && salts !== undefined);
    },
  },
  {
    id: "record-store.put.envelope-invalid",
    level: "must",
    spec: "record-store.md#rmtc-rst-008",
    title: "refuses a malformed envelope and points at what is wrong",
    async run({ store }) {
      const target = sample();
      const good = sample({ links: [linkTo(target)] });
      const link = linkTo(target);
      const malformed: readonly (readonly [pointer: string, record: object])[] = [
        ["/id", { ...good, id: "urn:uuid:0192f0c0-0000-4000-8000-000000000000" }],
        ["/id", { ...good, id: "../../etc/passwd" }],
        ["/kind", { ...good, kind: "not a kind" }],
        ["/createdAt", { ...good, createdAt: "2026-11-22T10:00:00Z" }],
        ["/specVersion", { ...good, specVersion: "zero" }],
        ["/links/0/to", { ...good, links: [{ ...link, to: "someone" }] }],
        ["/links/0/digest", { ...good, links: [{ ...link, digest: "sha1:00" }] }],
        ["/links/0/role", { ...good, links: [{ ...link, role: "plate" }] }],
        ["/comment", { ...good, comment: "unknown fields live in annotations" }],
      ];
      for (const [pointer, record] of malformed) {
        const error = await rejectsWith(
          () => store.put({ records: [record as RmtcRecord] }),
          "RMTC_DOCUMENT_INVALID",
        );
        assert.equal(error.pointer, pointer, error.message);
      }
      assert.equal((await store.count({ where: [] })).count, 0);
    },
  },
  {
    id: "record-store.put.unknown-kind",
    level: "must",
    spec: "record.md#rmtc-rec-005",
    title: "takes kinds, versions and relations that nobody knows, and bodies that no schema allows",
    async run({ store }) {
      const record: RmtcRecord = {
        ...makeRecord({
          kind: "hologram",
          links: [linkToNowhere("dreamtOf"), linkToNowhere("STUDIO_x.relation")],
          body: { frameNumber: "not a number", anything: [null, { at: "all" }] },
          extensions: { STUDIO_data: { deep: [1, 2, 3] } },
        }),
        specVersion: "12.7",
      };
      await store.put({ records: [record] });
      const stored = (await store.get({ ids: [record.id] })).records[0];
      assertSame(stored?.record, record);
      assert.equal(stored?.digest, recordDigest(record));
    },
  },
  {
    id: "record-store.put.target-later",
    level: "must",
    spec: "record-store.md#rmtc-rst-013",
    title: "takes a record before the target of its link",
    async run({ store }) {
      const target = sample();
      const record = sample({ links: [linkTo(target)] });
      assert.equal((await store.put({ records: [record] })).results[0]?.status, "created");
      assert.equal((await store.put({ records: [target] })).results[0]?.status, "created");
    },
  },
  {
    id: "record-store.put.empty",
    level: "must",
    spec: "record-store.md#rmtc-rst-002",
    title: "takes a put without records and answers with none",
    async run({ store }) {
      assertSame((await store.put({ records: [] })).results, []);
    },
  },
  {
    id: "record-store.put.limit",
    level: "must",
    spec: "record-store.md#rmtc-rst-014",
    title: "refuses more records than it declares",
    async run({ store }) {
      const { maxPutRecords } = store.capabilities;
      assert.ok(maxPutRecords >= 1_000, `maxPutRecords is ${maxPutRecords}`);
      const record = bare();
      const records = Array.from({ length: Math.min(maxPutRecords + 1, 1_000_001) }, () => record);
      if (records.length <= maxPutRecords) return;
      await rejectsWith(() => store.put({ records }), "RMTC_LIMIT_EXCEEDED");
      assert.equal((await store.count({ where: [] })).count, 0);
    },
  },
  {
    id: "record-store.put.many",
    level: "must",
    spec: "record-store.md#rmtc-rst-014",
    title: "takes a put of thousands of records at once",
    async run({ store, size }) {
      const records = Array.from(
        { length: Math.min(size(5_000, 50), store.capabilities.maxPutRecords) },
        () => sample({ tags: ["many"] }),
      );
      const { results } = await store.put({ records });
      assert.equal(results.length, records.length);
      const tagged = { where: [{ field: "tag", op: "eq", value: "many" }] } as const;
      assert.equal((await store.count(tagged)).count, records.length);
      const pages = await collectPages((cursor) => store.find({ ...tagged, limit: 1_000, cursor }));
      const found = pages.flatMap((page) => page.records.map(({ record }) => record.id));
      assertSame(found, records.map(({ id }) => id).sort());
    },
  },
  {
    id: "record-store.put.partition",
    level: "must",
    spec: "record-store.md#rmtc-rst-015",
    title: "keeps the partition a record first came with, empty unless given",
    async run({ store }) {
      const [owned, free] = [sample(), sample()];
      await store.put({ records: [owned], partition: "studio-a" });
      await store.put({ records: [free] });
      await store.put({ records: [owned, free], partition: "studio-b" });
      const { records } = await store.get({ ids: [owned.id, free.id] });
      assertSame(
        records.map((one) => one?.partition),
        ["studio-a", ""],
      );
    },
  },
  {
    id: "record-store.put.received-at",
    level: "must",
    spec: "record-store.md#rmtc-rst-016",
    title: "notes when it received a record, in its own time and apart from the digest",
    async run({ store }) {
      const record = sample({ createdAt: "1999-12-31T23:59:59.999Z" });
      const before = Date.now();
      await store.put({ records: [record] });
      const stored = (await store.get({ ids: [record.id] })).records[0];
      const receivedAt = stored?.receivedAt ?? "";
      assert.match(receivedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      const minute = 60_000;
      const received = Date.parse(receivedAt);
      assert.ok(received > before - minute && received < Date.now() + minute, `received at ${receivedAt}`);
      assert.equal(stored?.digest, recordDigest(record));
    },
  },
];
