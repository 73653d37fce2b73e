// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { recordDigest } from "@rmtc/attest";
import type { RmtcRecord } from "@rmtc/spec";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { bare, sample } from "./sample-records.ts";

/** How exactly values are kept. */
export const valuesCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.put.not-i-json",
    level: "must",
    spec: "record.md#rmtc-rec-015",
    title: "refuses a part that is not I-JSON",
    async run({ store }) {
      const bodies: readonly Record<string, unknown>[] = [
        { number: Number.NaN },
        { number: 2 ** 53 },
        { text: "lone \ud800 surrogate" },
        { text: "U+0000: \0" },
        { "key \0": 1 },
      ];
      for (const body of bodies) {
        const record: RmtcRecord = { ...sample({ body: {} }), body };
        await rejectsWith(() => store.put({ records: [record] }), "RMTC_JSON_INVALID");
      }
      assert.equal((await store.count({ where: [] })).count, 0);
    },
  },
  {
    id: "record-store.put.copies",
    level: "must",
    spec: "record-store.md#rmtc-rst-018",
    title: "is not changed by what callers do to records they gave or were given",
    async run({ store }) {
      const record = sample({ tags: ["first"], body: { list: [1] } });
      const kept = structuredClone(record);
      await store.put({ records: [record] });
      record.tags?.push("later");
      const given = (await store.get({ ids: [record.id] })).records[0]?.record;
      assertSame(given, kept, "it shares the record it was given");
      given?.tags?.push("changed");
      const found = await store.find({ where: [], limit: 1 });
      assertSame(found.records[0]?.record, kept, "it shares the record it gave");
    },
  },
  {
    id: "record-store.put.verbatim",
    level: "must",
    spec: "record-store.md#rmtc-rst-012",
    title: "keeps every value exactly: number forms, escapes, empty and deep values",
    async run({ store }) {
      let deep: unknown = "ground";
      for (let level = 0; level < 60; level++) deep = [deep];
      const text = '\u20ac $ \u000f \n \\ " / \u2028 \u{1f3ac} \u0080 e\u0301 \u00e9 \ufb33 \u007f';
      const body = {
        numbers: [
          1e21, 1e-7, 5e-324, 1.7976931348623157e308, 0.1, 1e23, 333333333.3333333, -5, 9007199254740991,
        ],
        text,
        [text]: "key",
        empty: ["", {}, [], null, false],
        deep,
        "": 0,
        "10": "a key like an index",
        "9": "sorts as text",
        constructor: "own",
        toString: 1,
      };
      const record = sample({ name: text, body, annotations: { note: text, "\u{1f3ac}": "", "\ufb33": "" } });
      const proto = JSON.parse('{"__proto__":{"polluted":true},"deeper":{"__proto__":1}}') as object;
      const odd = sample({ body: { proto } });
      await store.put({ records: [record, odd] });
      const { records } = await store.get({ ids: [record.id, odd.id] });
      assertSame(records[0]?.record, record);
      assert.equal(JSON.stringify(records[1]?.record.body), JSON.stringify(odd.body));
      assert.equal(recordDigest(records[0]?.record ?? bare()), recordDigest(record));
      assert.equal(recordDigest(records[1]?.record ?? bare()), recordDigest(odd));
    },
  },
  {
    id: "record-store.put.negative-zero",
    level: "must",
    spec: "record-store.md#rmtc-rst-012",
    title: "keeps the canonical value where JSON has two forms for one number",
    async run({ store }) {
      const record = sample({ body: { zero: -0, same: [1.0, 100] } });
      const { results } = await store.put({ records: [record] });
      assert.equal(results[0]?.digest, recordDigest(record));
      const stored = (await store.get({ ids: [record.id] })).records[0];
      assert.equal(JSON.stringify(stored?.record.body), '{"same":[1,100],"zero":0}');
      assert.ok(Object.is(stored?.record.body?.zero, 0), "it gave back -0");
      assert.equal((await store.put({ records: [record] })).results[0]?.status, "known");
    },
  },
];
