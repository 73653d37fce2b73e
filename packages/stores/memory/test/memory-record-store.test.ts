// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { makeRecord, recordDigest } from "@rmtc/attest";
import type { FindRequest } from "@rmtc/contract";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryRecordStore } from "../src/index.ts";

const names = fc.option(fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }), { nil: undefined });

test("finds the same, in the same order, in pages of any size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(names, { maxLength: 25 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      async (all, limit, descending) => {
        await using store = new MemoryRecordStore();
        const usable = all.map((name) => (name?.includes("\0") ? undefined : name));
        await store.put({ records: usable.map((name) => makeRecord({ kind: "asset", name })) });
        const request: FindRequest = { where: [], order: { field: "name", descending }, limit };
        const found: string[] = [];
        for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
          const page = await store.find({ ...request, cursor });
          found.push(...page.records.map(({ record }) => record.id));
          cursor = page.next;
        }
        const whole = await store.find({ ...request, limit: 1_000 });
        expect(found).toEqual(whole.records.map(({ record }) => record.id));
        expect(found.length).toBe(usable.length);
      },
    ),
    { numRuns: 50 },
  );
});

test("gives every record back under its digest, whatever is in its body", async () => {
  await using store = new MemoryRecordStore();
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 4 })),
      async (body) => {
        const record = makeRecord({ kind: "asset", body });
        try {
          recordDigest(record);
        } catch {
          return;
        }
        await store.put({ records: [record] });
        const [stored] = (await store.get({ ids: [record.id] })).records;
        expect(recordDigest(stored?.record ?? record)).toBe(recordDigest(record));
        expect(stored?.digest).toBe(recordDigest(record));
      },
    ),
    { numRuns: 100 },
  );
});
