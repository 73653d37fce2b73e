// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { recordDigest, redact, tombstone, verifyRecord } from "@rmtc/attest";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { sample } from "./sample-records.ts";

/** How copies of one record that disclose different parts come together. */
export const disclosureCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.disclosure.redacted",
    level: "must",
    spec: "record-store.md#rmtc-rst-030",
    title: "takes a redacted record under its digest and gives it back so that it verifies",
    async run({ store }) {
      const record = sample({ version: "2", tags: ["a"], body: { at: 1 } });
      const redacted = redact(record, ["name", "body"]);
      const digest = recordDigest(record);
      const { results } = await store.put({ records: [redacted] });
      assertSame(results[0], { id: record.id, digest, status: "created" });
      const stored = (await store.get({ ids: [record.id] })).records[0];
      assertSame(stored?.record, redacted);
      verifyRecord(stored?.record ?? sample(), digest);
    },
  },
  {
    id: "record-store.disclosure.union",
    level: "must",
    spec: "record.md#rmtc-rec-032",
    title: "keeps the union of what copies of a record disclose",
    async run({ store }) {
      const record = sample({ version: "2", tags: ["a"], body: { at: 1 } });
      await store.put({ records: [redact(record, ["name", "body"])] });
      const { results } = await store.put({ records: [redact(record, ["version", "tags"])] });
      assert.equal(results[0]?.status, "disclosed");
      assertSame((await store.get({ ids: [record.id] })).records[0]?.record, record);
    },
  },
  {
    id: "record-store.disclosure.union-in-one",
    level: "must",
    spec: "record.md#rmtc-rec-032",
    title: "keeps the union when one put gives copies that disclose different parts",
    async run({ store }) {
      const record = sample({ version: "2", body: { at: 1 } });
      const copies = [redact(record, ["name", "body"]), redact(record, ["version"]), tombstone(record)];
      const { results } = await store.put({ records: copies });
      assertSame(
        results.map(({ status }) => status),
        ["created", "disclosed", "known"],
      );
      assertSame((await store.get({ ids: [record.id] })).records[0]?.record, record);
    },
  },
  {
    id: "record-store.disclosure.parallel",
    level: "must",
    spec: "record.md#rmtc-rec-032",
    title: "keeps the union when copies come at the same time",
    async run({ store }) {
      const record = sample({ version: "2", tags: ["a"], body: { at: 1 } });
      const copies = [
        redact(record, ["name", "body", "tags"]),
        redact(record, ["version", "body", "tags"]),
        redact(record, ["name", "version", "tags"]),
        redact(record, ["name", "version", "body"]),
      ];
      await Promise.all(copies.map((copy) => store.put({ records: [copy] })));
      assertSame((await store.get({ ids: [record.id] })).records[0]?.record, record);
    },
  },
  {
    id: "record-store.disclosure.withdraws-nothing",
    level: "must",
    spec: "record-store.md#rmtc-rst-031",
    title: "keeps what it holds when a copy discloses less",
    async run({ store }) {
      const record = sample({ body: { at: 1 } });
      await store.put({ records: [record] });
      const { results } = await store.put({ records: [tombstone(record)] });
      assert.equal(results[0]?.status, "known");
      assertSame((await store.get({ ids: [record.id] })).records[0]?.record, record);
    },
  },
  {
    id: "record-store.disclosure.keeps-place",
    level: "must",
    spec: "record-store.md#rmtc-rst-032",
    title: "keeps position, time and partition of a record when more of it is disclosed",
    async run({ store }) {
      const record = sample({ body: { at: 1 } });
      await store.put({ records: [tombstone(record)], partition: "first" });
      const before = (await store.get({ ids: [record.id] })).records[0];
      await store.put({ records: [sample()] });
      await store.put({ records: [record], partition: "second" });
      const after = (await store.get({ ids: [record.id] })).records[0];
      assertSame(
        [after?.position, after?.receivedAt, after?.partition],
        [before?.position, before?.receivedAt, before?.partition],
      );
    },
  },
  {
    id: "record-store.disclosure.findable",
    level: "must",
    spec: "query.md#rmtc-qry-004",
    title: "finds a record by a part from its disclosure on, not before",
    async run({ store }) {
      const record = sample({ name: "disclosed later", tags: ["late"] });
      await store.put({ records: [tombstone(record)] });
      const byName = { where: [{ field: "name", op: "text", value: "disclosed" }], limit: 5 } as const;
      const byTag = { where: [{ field: "tag", op: "eq", value: "late" }], limit: 5 } as const;
      assert.equal((await store.find(byName)).records.length, 0, "it finds what is not disclosed");
      assert.equal((await store.find(byTag)).records.length, 0, "it finds what is not disclosed");
      await store.put({ records: [record] });
      assert.equal((await store.find(byName)).records.length, 1, "the name is not found");
      assert.equal((await store.find(byTag)).records.length, 1, "the tag is not found");
    },
  },
];
