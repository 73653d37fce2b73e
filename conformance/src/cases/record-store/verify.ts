// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { recordDigest, tombstone } from "@rmtc/attest";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { collect } from "../support/collect.ts";
import { bare, putAll, sample } from "./sample-records.ts";

/** How a store finds out whether its bytes are still right. */
export const verifyCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.verify.clean",
    level: "must",
    spec: "record-store.md#rmtc-rst-160",
    title: "checks every record and finds nothing wrong in a clean store",
    async run({ store, size }) {
      const records = Array.from({ length: size(1_200, 15) }, (_, index) =>
        index % 3 === 0 ? bare() : sample({ body: { index, e: 1e21 } }),
      );
      await putAll(store, records);
      await store.put({ records: [tombstone(sample()), sample({ name: "\u{1f3ac} \u0085" })] });
      const pages = await collect(store.verify({}));
      assertSame(
        pages.flatMap(({ damages }) => damages),
        [],
      );
      assert.equal(
        pages.reduce((sum, { checked }) => sum + checked, 0),
        records.length + 2,
      );
    },
  },
  {
    id: "record-store.verify.ids",
    level: "must",
    spec: "record-store.md#rmtc-rst-161",
    title: "checks only the records that are named",
    async run({ store }) {
      const records = [sample(), sample(), sample()];
      await store.put({ records });
      const ids = records.slice(1).map(({ id }) => id);
      const pages = await collect(store.verify({ ids }));
      assert.equal(
        pages.reduce((sum, { checked }) => sum + checked, 0),
        2,
      );
      const none = await collect(store.verify({ ids: [] }));
      assert.equal(
        none.reduce((sum, { checked }) => sum + checked, 0),
        0,
      );
    },
  },
  {
    id: "record-store.verify.damage",
    level: "must",
    spec: "record-store.md#rmtc-rst-162",
    title: "names every record whose stored bytes were changed, and no other",
    needsDamage: true,
    async run({ store, damage }) {
      const records = [sample({ body: { at: 1 } }), bare(), sample({ tags: ["x"] }), sample(), bare()];
      await store.put({ records });
      const damaged = records.filter((_, index) => index % 2 === 0);
      for (const { id } of damaged) await damage(id);
      const pages = await collect(store.verify({}));
      const damages = pages.flatMap((page) => page.damages);
      assertSame(
        damages.map(({ id, digest }) => `${id} ${digest}`).sort(),
        damaged.map((record) => `${record.id} ${recordDigest(record)}`).sort(),
      );
      assert.ok(damages.every(({ message }) => message !== ""));
    },
  },
];
