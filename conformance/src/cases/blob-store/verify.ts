// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { sha256 } from "@rmtc/attest";
import type { BlobStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { assertBytes, inChunks, readAll, sampleBytes } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { stateOf } from "./blob-state.ts";

/** How a store finds out whether its bytes are still right, and what outlives it. */
export const verifyCases: readonly BlobStoreCase[] = [
  {
    id: "blob-store.verify.clean",
    level: "must",
    spec: "blob-store.md#rmtc-bst-080",
    title: "finds nothing wrong in a clean store, and takes what was let go on purpose for no damage",
    async run({ store }) {
      for (const text of ["kept", "evicted", "erased", ""]) await store.write(inChunks(text));
      await store.write(inChunks(sampleBytes(200_000)));
      await store.evict(sha256("evicted"));
      await store.erase(sha256("erased"));
      await store.erase(sha256("never held"));
      const counts: number[] = [];
      assertSame(await collect(store.verify({}, { onProgress: (checked) => counts.push(checked) })), []);
      assertSame(
        counts,
        [...counts].sort((a, b) => a - b),
        "progress goes back",
      );
    },
  },
  {
    id: "blob-store.verify.damage",
    level: "must",
    spec: "blob-store.md#rmtc-bst-081",
    title: "names every blob whose stored bytes were changed, and no other, and only the ones asked for",
    needsDamage: true,
    async run({ store, damage }) {
      const texts = ["first", "second", "third", "fourth"];
      const digests: string[] = [];
      for (const text of texts) digests.push((await store.write(inChunks(text))).digest);
      const [first, second, third, fourth] = digests;
      assert.ok(first && second && third && fourth);
      await damage(first);
      await damage(third);
      const all = await collect(store.verify({}));
      assertSame(all.map(({ digest }) => digest).sort(), [first, third].sort());
      assert.ok(all.every(({ message }) => message !== ""));
      const some = await collect(store.verify({ digests: [second, third, fourth] }));
      assertSame(
        some.map(({ digest }) => digest),
        [third],
      );
    },
  },
  {
    id: "blob-store.durable.reopen",
    level: "must",
    spec: "blob-store.md#rmtc-bst-092",
    title: "shows the same after it was closed and opened again",
    when: ({ durable }) => durable,
    async run({ store, reopen }) {
      const bytes = sampleBytes(200_000);
      await store.write(inChunks(bytes));
      for (const text of ["kept", "evicted", "erased"]) await store.write(inChunks(text));
      await store.evict(sha256("evicted"));
      await store.erase(sha256("erased"));
      await store.erase(sha256("never held"));
      const before = await store.list({ limit: 100 });
      const again = await reopen();
      assertSame(await again.list({ limit: 100 }), before);
      assertBytes(await readAll(again, sha256(bytes)), bytes);
      await rejectsWith(() => again.write(inChunks("erased")), "RMTC_BLOB_ERASED");
      await rejectsWith(() => again.write(inChunks("never held")), "RMTC_BLOB_ERASED");
      assert.equal(await stateOf(again, sha256("evicted")), "evicted");
      assertSame(await collect(again.verify({})), []);
    },
  },
];
