// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { newRecordId, recordDigest } from "@rmtc/attest";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { bare, sample } from "./sample-records.ts";

/** What holds when many callers put at the same time. */
export const parallelCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.put.parallel-identical",
    level: "must",
    spec: "record-store.md#rmtc-rst-186",
    title: "creates a record once when many callers put it at the same time",
    async run({ store }) {
      const records = Array.from({ length: 10 }, () => sample());
      const puts = await Promise.all(Array.from({ length: 8 }, () => store.put({ records })));
      for (const [index, { id }] of records.entries()) {
        const created = puts.filter(({ results }) => results[index]?.status === "created").length;
        assert.equal(created, 1, `${id} was created ${created} times`);
      }
      assert.equal((await store.count({ where: [] })).count, 10);
    },
  },
  {
    id: "record-store.put.parallel-different",
    level: "must",
    spec: "record-store.md#rmtc-rst-187",
    title: "keeps every record of many puts at the same time",
    async run({ store }) {
      const batches = Array.from({ length: 16 }, () => [sample(), sample(), bare()]);
      await Promise.all(batches.map((records) => store.put({ records })));
      const { records } = await store.get({ ids: batches.flat().map(({ id }) => id) });
      assertSame(
        records.map((one) => one?.digest),
        batches.flat().map((record) => recordDigest(record)),
      );
      const positions = new Set(records.map((one) => one?.position));
      assert.equal(positions.size, 48, "two records have one position");
    },
  },
  {
    id: "record-store.put.parallel-conflict",
    level: "must",
    spec: "record-store.md#rmtc-rst-187",
    title: "lets one of two different records under one id win",
    async run({ store }) {
      const id = newRecordId();
      const rivals = Array.from({ length: 6 }, (_, index) => sample({ id, name: `rival ${index}` }));
      const puts = await Promise.allSettled(rivals.map((record) => store.put({ records: [record] })));
      const winners = rivals.filter((_, index) => puts[index]?.status === "fulfilled");
      assert.equal(winners.length, 1, `${winners.length} puts were acknowledged`);
      for (const put of puts) {
        if (put.status === "rejected") {
          await rejectsWith(() => Promise.reject(put.reason), "RMTC_RECORD_CONFLICT");
        }
      }
      assertSame((await store.get({ ids: [id] })).records[0]?.record, winners[0]);
    },
  },
  {
    id: "record-store.put.second-writer",
    level: "must",
    spec: "record-store.md#rmtc-rst-188",
    title: "takes puts of several instances at the same time",
    when: ({ concurrentWriters }) => concurrentWriters,
    async run({ store, open }) {
      const second = await open();
      const own = Array.from({ length: 12 }, () => sample());
      const theirs = Array.from({ length: 12 }, () => sample());
      const shared = sample();
      await Promise.all([
        ...own.map((record) => store.put({ records: [record, shared] })),
        ...theirs.map((record) => second.put({ records: [record, shared] })),
      ]);
      for (const instance of [store, second]) {
        assert.equal((await instance.count({ where: [] })).count, 25);
        const { changes } = await instance.changes({ limit: 100 });
        assert.equal(new Set(changes.map(({ id }) => id)).size, 25);
      }
    },
  },
];
