// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { redact } from "@rmtc/attest";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { collect } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { bare, chain, fan, linkTo, sample } from "./sample-records.ts";
import { walk } from "./walk.ts";

/** What outlives a closed store, and an aborted call. */
export const durabilityCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.durable.reopen",
    level: "must",
    spec: "record-store.md#rmtc-rst-182",
    title: "shows the same after it was closed and opened again",
    when: ({ durable }) => durable,
    async run({ store, reopen }) {
      const line = chain(4, sample({ name: "first", tags: ["a"], body: { e: 1e21, frameNumber: 3 } }));
      await store.put({ records: line, partition: "studio" });
      const ids = line.map(({ id }) => id);
      const request = { roots: [ids[0] ?? ""], direction: "downstream" } as const;
      const before = {
        get: await store.get({ ids }),
        find: await store.find({ where: [{ field: "name", op: "text", value: "fir" }], limit: 5 }),
        walk: await walk(store, request),
        head: await store.head(),
        changes: await store.changes({ limit: 10 }),
      };
      const again = await reopen();
      const after = {
        get: await again.get({ ids }),
        find: await again.find({ where: [{ field: "name", op: "text", value: "fir" }], limit: 5 }),
        walk: await walk(again, request),
        head: await again.head(),
        changes: await again.changes({ limit: 10 }),
      };
      assertSame(after, before);
    },
  },
  {
    id: "record-store.durable.goes-on",
    level: "must",
    spec: "record-store.md#rmtc-rst-182",
    title: "goes on where it was: conflicts, positions and cursors hold after it was opened again",
    when: ({ durable }) => durable,
    async run({ store, reopen }) {
      const record = sample();
      const { cursor } = await store.put({ records: [record] });
      const before = (await store.get({ ids: [record.id] })).records[0];
      const again = await reopen();
      await rejectsWith(() => again.put({ records: [sample({ id: record.id })] }), "RMTC_RECORD_CONFLICT");
      const later = bare([linkTo(record)]);
      await again.put({ records: [later, record] });
      const after = (await again.get({ ids: [later.id] })).records[0];
      assert.ok((after?.position ?? 0) > (before?.position ?? 0), "positions do not rise");
      const { changes } = await again.changes({ cursor, limit: 10 });
      assertSame(
        changes.map(({ id }) => id),
        [later.id],
      );
    },
  },
  {
    id: "record-store.durable.erasure",
    level: "must",
    spec: "record.md#rmtc-rec-034",
    title: "remembers what it erased after it was opened again",
    when: ({ durable }) => durable,
    async run({ store, reopen }) {
      const record = sample({ body: { performer: "someone" } });
      await store.put({ records: [record] });
      await store.erase({ id: record.id, parts: ["body"] });
      const again = await reopen();
      await again.put({ records: [record] });
      const stored = (await again.get({ ids: [record.id] })).records[0];
      assertSame(stored?.record, redact(record, ["body"]));
      assertSame(stored?.erased, ["body"]);
    },
  },
  {
    id: "record-store.aborted.put-midway",
    level: "must",
    spec: "record-store.md#rmtc-rst-184",
    title: "keeps all or nothing of a put that is aborted while it works, and answers within 100 ms",
    async run({ store, size }) {
      const delays: number[] = [];
      for (let attempt = 0; attempt < 5; attempt++) {
        const most = Math.min(size(5_000, 150), store.capabilities.maxPutRecords);
        const records = Array.from({ length: most }, () => sample());
        const controller = new AbortController();
        const reason = new Error("the caller went away");
        const put = store.put({ records }, { signal: controller.signal });
        const settled = put.then(
          () => undefined,
          (error: unknown) => error,
        );
        await new Promise((resolve) => setTimeout(resolve, attempt * 2));
        const start = performance.now();
        controller.abort(reason);
        const error = await settled;
        delays.push(performance.now() - start);
        const { records: stored } = await store.get({ ids: records.map(({ id }) => id), parts: [] });
        const held = stored.filter((one) => one !== null).length;
        if (error === undefined) assert.equal(held, most, "it acknowledged a put it did not keep");
        else {
          assert.equal(error, reason, `expected the signal's reason, not ${String(error)}`);
          assert.ok(held === 0 || held === most, `it kept ${held} of ${most} records`);
        }
      }
      assert.ok(Math.min(...delays) <= 100, `it answered after ${delays.map(Math.round).join(", ")} ms`);
    },
  },
  {
    id: "record-store.aborted.closure-midway",
    level: "must",
    spec: "record-store.md#rmtc-rst-184",
    title: "ends a closure that is aborted between pages with the signal's reason",
    async run({ store }) {
      const root = sample();
      await store.put({ records: [root, ...fan(30, root)] });
      const controller = new AbortController();
      const reason = new Error("the caller went away");
      const request = { roots: [root.id], direction: "downstream", pageSize: 5 } as const;
      let pages = 0;
      const outcome = await (async () => {
        for await (const _ of store.closure(request, { signal: controller.signal })) {
          pages += 1;
          controller.abort(reason);
        }
      })().then(
        () => "it went on to the end",
        (error: unknown) => error,
      );
      assert.equal(outcome, reason, `expected the signal's reason, not ${String(outcome)}`);
      assert.equal(pages, 1, "it gave another page");
    },
  },
  {
    id: "record-store.closure.left-early",
    level: "must",
    spec: "record-store.md#rmtc-rst-127",
    title: "works on when a reader leaves a closure or a check early",
    async run({ store }) {
      const root = sample();
      await store.put({ records: [root, ...fan(30, root)] });
      const request = { roots: [root.id], direction: "downstream", pageSize: 5 } as const;
      for await (const _ of store.closure(request)) break;
      for await (const _ of store.verify({})) break;
      const late = sample();
      await store.put({ records: [late] });
      assert.equal((await walk(store, request)).ids.length, 31);
      assert.ok((await collect(store.verify({ ids: [late.id] }))).length > 0);
    },
  },
];
