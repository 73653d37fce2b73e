// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { newRecordId, recordDigest, redact, verifyRecord } from "@rmtc/attest";
import type { PartName, RmtcRecord } from "@rmtc/spec";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { bare, linkToNowhere, sample } from "./sample-records.ts";

/** How records are got by id, whole or in parts. */
export const getCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.get.whole",
    level: "must",
    spec: "record-store.md#rmtc-rst-050",
    title: "returns every part that is held, unless parts are named",
    async run({ store }) {
      const record = everyPart();
      await store.put({ records: [record] });
      const stored = (await store.get({ ids: [record.id] })).records[0];
      assertSame(stored?.record, record);
      assertSame(stored?.omitted, []);
      assertSame(stored?.erased, []);
    },
  },
  {
    id: "record-store.get.order",
    level: "must",
    spec: "record-store.md#rmtc-rst-051",
    title: "answers in the order of the ids, each time one is named, with null for one that is not held",
    async run({ store }) {
      const [first, second] = [sample(), bare()];
      await store.put({ records: [first, second] });
      const nowhere = newRecordId();
      const ids = [second.id, nowhere, first.id, second.id];
      const { records } = await store.get({ ids });
      assertSame(
        records.map((one) => one?.record ?? null),
        [second, null, first, second],
      );
      assertSame((await store.get({ ids: [] })).records, []);
    },
  },
  {
    id: "record-store.get.many",
    level: "must",
    spec: "record-store.md#rmtc-rst-051",
    title: "answers for thousands of ids at once",
    async run({ store, size }) {
      const records = Array.from({ length: size(3_000, 30) }, () => bare());
      for (let start = 0; start < records.length; start += 1_000) {
        await store.put({ records: records.slice(start, start + 1_000) });
      }
      const ids = records
        .flatMap(({ id }, index) => (index % 3 === 0 ? [newRecordId(), id] : [id]))
        .reverse();
      const { records: stored } = await store.get({ ids });
      const held = new Set(records.map(({ id }) => id));
      assertSame(
        stored.map((one) => one?.record.id ?? null),
        ids.map((id) => (held.has(id) ? id : null)),
      );
    },
  },
  {
    id: "record-store.get.parts",
    level: "must",
    spec: "record-store.md#rmtc-rst-052",
    title: "returns the parts asked for, and every other part by its hash",
    async run({ store }) {
      const record = everyPart();
      await store.put({ records: [record] });
      const wanted: readonly PartName[] = ["body", "name"];
      const stored = (await store.get({ ids: [record.id], parts: wanted })).records[0];
      assertSame(stored?.record, redact(record, ["version", "tags", "files", "annotations", "extensions"]));
      assertSame([...(stored?.omitted ?? [])].sort(), [
        "annotations",
        "extensions",
        "files",
        "tags",
        "version",
      ]);
    },
  },
  {
    id: "record-store.get.envelope",
    level: "must",
    spec: "record-store.md#rmtc-rst-052",
    title: "returns a bare envelope for an empty list of parts",
    async run({ store }) {
      const record = everyPart();
      await store.put({ records: [record] });
      const stored = (await store.get({ ids: [record.id], parts: [] })).records[0];
      assertSame(stored?.record.links, record.links);
      assertSame(Object.keys(stored?.record ?? {}).sort(), [
        "createdAt",
        "id",
        "kind",
        "links",
        "redacted",
        "specVersion",
      ]);
      assert.equal(stored?.omitted.length, 7);
    },
  },
  {
    id: "record-store.get.absent-part",
    level: "must",
    spec: "record-store.md#rmtc-rst-052",
    title: "passes over a part that the record does not have",
    async run({ store }) {
      const record = sample();
      await store.put({ records: [record] });
      const stored = (await store.get({ ids: [record.id], parts: ["name", "body"] })).records[0];
      assertSame(stored?.record, record);
      assertSame(stored?.omitted, []);
    },
  },
  {
    id: "record-store.get.withheld",
    level: "must",
    spec: "record-store.md#rmtc-rst-053",
    title: "names a part that it never held neither as omitted nor as erased",
    async run({ store }) {
      const record = redact(everyPart(), ["body", "files"]);
      await store.put({ records: [record] });
      const stored = (await store.get({ ids: [record.id], parts: ["name", "files"] })).records[0];
      assertSame([...(stored?.omitted ?? [])].sort(), ["annotations", "extensions", "tags", "version"]);
      assertSame(stored?.erased, []);
      assert.equal(stored?.record.redacted?.files, record.redacted?.files);
    },
  },
  {
    id: "record-store.get.verifies",
    level: "must",
    spec: "record-store.md#rmtc-rst-054",
    title: "returns records that verify against their digest, whichever parts were asked for",
    async run({ store }) {
      const record = everyPart();
      const digest = recordDigest(record);
      await store.put({ records: [record] });
      const selections: readonly (readonly PartName[] | undefined)[] = [
        undefined,
        [],
        ["tags"],
        ["body", "name"],
      ];
      for (const parts of selections) {
        const stored = (await store.get({ ids: [record.id], parts })).records[0];
        assert.ok(stored, "it is not held");
        assert.equal(stored.digest, digest);
        assert.equal(verifyRecord(stored.record, digest).digest, digest);
      }
    },
  },
  {
    id: "record-store.get.foreign-id",
    level: "must",
    spec: "record-store.md#rmtc-rst-051",
    title: "takes ids that cannot be anybody's for ids that are not held",
    async run({ store }) {
      await store.put({ records: [sample()] });
      const ids = ["", "../../../etc/passwd", "' OR 1=1 --", "urn:uuid:%", "\u{1f3ac}"];
      assertSame((await store.get({ ids })).records, [null, null, null, null, null]);
    },
  },
];

function everyPart(): RmtcRecord {
  return sample({
    version: "1.0.0",
    tags: ["one", "two"],
    links: [linkToNowhere()],
    files: [{ path: "a.exr", mediaType: "image/x-exr", sizeBytes: 3, digest: recordDigest(bare()) }],
    body: { frameNumber: 1001 },
    annotations: { note: "seen" },
    extensions: { STUDIO_shot: { code: "a010" } },
  });
}
