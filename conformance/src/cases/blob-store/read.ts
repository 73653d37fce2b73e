// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { sha256 } from "@rmtc/attest";
import type { ByteRange } from "@rmtc/contract";
import type { BlobStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { assertBytes, inChunks, readAll, sampleBytes } from "../support/bytes.ts";
import { collectPages } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { stateOf } from "./blob-state.ts";

/** How bytes are read, and what a store says it knows. */
export const readCases: readonly BlobStoreCase[] = [
  {
    id: "blob-store.read.ranges",
    level: "must",
    spec: "blob-store.md#rmtc-bst-021",
    title: "reads half-open ranges",
    async run({ store }) {
      const bytes = sampleBytes(200_003);
      const { digest } = await store.write(inChunks(bytes));
      const ranges: readonly ByteRange[] = [
        { start: 0 },
        { start: 0, end: 1 },
        { start: 1, end: 2 },
        { start: 65_535, end: 65_537 },
        { start: 100_000 },
        { start: 200_002 },
        { start: 0, end: 200_003 },
        { start: 17, end: 150_000 },
      ];
      for (const range of ranges) {
        const found = await readAll(store, digest, { range });
        assertBytes(found, bytes.subarray(range.start, range.end), JSON.stringify(range));
      }
    },
  },
  {
    id: "blob-store.read.range-clamped",
    level: "must",
    spec: "blob-store.md#rmtc-bst-021",
    title: "clamps a range's end to the last byte",
    async run({ store }) {
      const { digest } = await store.write(inChunks("0123456789"));
      for (const end of [10, 11, 99, 1e12, Number.MAX_SAFE_INTEGER]) {
        assertBytes(await readAll(store, digest, { range: { start: 7, end } }), "789", `to ${end}`);
      }
    },
  },
  {
    id: "blob-store.read.range-empty",
    level: "must",
    spec: "blob-store.md#rmtc-bst-021",
    title: "reads nothing from an empty range, and from one beyond the last byte",
    async run({ store }) {
      const { digest } = await store.write(inChunks("0123456789"));
      const ranges: readonly ByteRange[] = [
        { start: 3, end: 3 },
        { start: 0, end: 0 },
        { start: 10 },
        { start: 10, end: 12 },
        { start: 5_000, end: 6_000 },
        { start: 1e12 },
      ];
      for (const range of ranges) {
        assertBytes(await readAll(store, digest, { range }), "", JSON.stringify(range));
      }
    },
  },
  {
    id: "blob-store.read.range-invalid",
    level: "must",
    spec: "blob-store.md#rmtc-bst-022",
    title: "refuses ranges that are no ranges",
    async run({ store }) {
      const { digest } = await store.write(inChunks("0123456789"));
      const ranges: readonly ByteRange[] = [
        { start: -1 },
        { start: 5, end: 4 },
        { start: 0.5 },
        { start: Number.NaN },
      ];
      for (const range of ranges) {
        await rejectsWith(() => readAll(store, digest, { range }), "RMTC_OPTION_INVALID");
      }
    },
  },
  {
    id: "blob-store.read.unknown",
    level: "must",
    spec: "blob-store.md#rmtc-bst-023",
    title: "refuses a blob that it never held, on the first pull",
    async run({ store }) {
      await store.write(inChunks("something else"));
      const digest = sha256("never held");
      const reading = store.read(digest);
      const iterator = reading[Symbol.asyncIterator]();
      await rejectsWith(() => iterator.next(), "RMTC_NOT_FOUND");
    },
  },
  {
    id: "blob-store.read.digest-invalid",
    level: "must",
    spec: "blob-store.md#rmtc-bst-022",
    title: "refuses what is no digest and leaves its folder for none",
    async run({ store }) {
      const digests = ["", "sha256:", "sha256:../../../../etc/passwd", `sha256:${"A".repeat(64)}`, "md5:00"];
      for (const digest of digests) {
        await rejectsWith(() => readAll(store, digest), "RMTC_OPTION_INVALID");
        await rejectsWith(() => store.write(inChunks("x"), { expect: digest }), "RMTC_OPTION_INVALID");
        await rejectsWith(() => store.erase(digest), "RMTC_OPTION_INVALID");
      }
      assertSame((await store.list({ limit: 10 })).blobs, []);
    },
  },
  {
    id: "blob-store.read.parallel",
    level: "must",
    spec: "blob-store.md#rmtc-bst-020",
    title: "serves many readers of one blob at the same time, each at its own pace",
    async run({ store }) {
      const bytes = sampleBytes(300_000);
      const { digest } = await store.write(inChunks(bytes));
      const slow = store.read(digest)[Symbol.asyncIterator]();
      const first = await slow.next();
      const found = await Promise.all(Array.from({ length: 6 }, () => readAll(store, digest)));
      for (const one of found) assertBytes(one, bytes);
      const rest = [first.value ?? new Uint8Array(0)];
      for (let next = await slow.next(); next.done !== true; next = await slow.next()) rest.push(next.value);
      assertBytes(Buffer.concat(rest), bytes);
    },
  },
  {
    id: "blob-store.read.left-early",
    level: "must",
    spec: "blob-store.md#rmtc-bst-020",
    title: "works on when readers leave a blob early",
    async run({ store }) {
      const bytes = sampleBytes(300_000);
      const { digest } = await store.write(inChunks(bytes));
      for (let reader = 0; reader < 20; reader++) {
        for await (const _ of store.read(digest)) break;
      }
      assertBytes(await readAll(store, digest), bytes);
    },
  },
  {
    id: "blob-store.status.states",
    level: "must",
    spec: "blob-store.md#rmtc-bst-030",
    title: "tells the state of each blob in the order given, each time one is named",
    async run({ store }) {
      const kept = await store.write(inChunks("kept"));
      const evicted = await store.write(inChunks("evicted"));
      const erased = await store.write(inChunks("erased"));
      await store.evict(evicted.digest);
      await store.erase(erased.digest);
      const unknown = sha256("unknown");
      const digests = [erased, kept, evicted].map(({ digest }) => digest);
      const found = await store.status([unknown, ...digests, kept.digest]);
      assertSame(
        found.map(({ digest, state }) => [digest, state]),
        [
          [unknown, "neverHeld"],
          [erased.digest, "erased"],
          [kept.digest, "stored"],
          [evicted.digest, "evicted"],
          [kept.digest, "stored"],
        ],
      );
      assert.equal(found[2]?.sizeBytes, 4);
      assert.equal(found[0]?.sizeBytes, undefined);
      assertSame(await store.status([]), []);
    },
  },
  {
    id: "blob-store.list.pages",
    level: "must",
    spec: "blob-store.md#rmtc-bst-031",
    title: "lists what it knows in order of digest, in pages, each blob once",
    async run({ store }) {
      assertSame((await store.list({ limit: 5 })).blobs, []);
      const digests: string[] = [];
      for (let index = 0; index < 11; index++) {
        digests.push((await store.write(inChunks(`blob ${index}`))).digest);
      }
      for (const limit of [1, 3, 10, 11, 12, 1_000]) {
        const pages = await collectPages((cursor) => store.list({ limit, cursor }));
        const blobs = pages.flatMap((page) => page.blobs);
        assertSame(
          blobs.map(({ digest }) => digest),
          [...digests].sort(),
          `limit ${limit}`,
        );
        assert.ok(pages.every((page) => page.blobs.length <= limit));
        assert.ok(blobs.every(({ state }) => state === "stored"));
      }
    },
  },
  {
    id: "blob-store.list.states",
    level: "must",
    spec: "blob-store.md#rmtc-bst-032",
    title: "lists what was evicted and erased too, as status tells it",
    async run({ store }) {
      const kept = await store.write(inChunks("kept"));
      const evicted = await store.write(inChunks("evicted"));
      const erased = await store.write(inChunks("erased"));
      await store.evict(evicted.digest);
      await store.erase(erased.digest);
      const { blobs } = await store.list({ limit: 10 });
      assertSame(blobs, await store.status([kept, evicted, erased].map(({ digest }) => digest).sort()));
    },
  },
  {
    id: "blob-store.list.refused",
    level: "must",
    spec: "blob-store.md#rmtc-bst-033",
    title: "refuses limits below 1, and cursors of nobody's",
    async run({ store }) {
      await store.write(inChunks("kept"));
      for (const limit of [0, -1, 1.5, Number.NaN]) {
        await rejectsWith(() => store.list({ limit }), "RMTC_OPTION_INVALID");
      }
      await rejectsWith(() => store.list({ limit: 1, cursor: "../nobody's" }), "RMTC_CURSOR_INVALID");
    },
  },
  {
    id: "blob-store.local-path.bytes",
    level: "must",
    spec: "blob-store.md#rmtc-bst-060",
    title: "gives a path at which the bytes can be read",
    when: ({ localPaths }) => localPaths,
    async run({ store }) {
      const bytes = sampleBytes(100_000);
      const { digest } = await store.write(inChunks(bytes));
      const path = await store.localPath(digest);
      assert.ok(isAbsolute(path), `${path} is not absolute`);
      assertBytes(await readFile(path), bytes);
      await rejectsWith(() => store.localPath(sha256("never held")), "RMTC_NOT_FOUND");
      await store.erase(digest);
      await rejectsWith(() => store.localPath(digest), "RMTC_BLOB_ERASED");
    },
  },
  {
    id: "blob-store.local-path.unsupported",
    level: "must",
    spec: "blob-store.md#rmtc-bst-061",
    title: "refuses to give a path when it does not declare to",
    when: ({ localPaths }) => !localPaths,
    async run({ store }) {
      const { digest } = await store.write(inChunks("kept"));
      await rejectsWith(() => store.localPath(digest), "RMTC_UNSUPPORTED");
    },
  },
  {
    id: "blob-store.evict.bytes",
    level: "must",
    spec: "blob-store.md#rmtc-bst-070",
    title: "lets bytes go but knows them, and takes them again",
    async run({ store }) {
      const { digest } = await store.write(inChunks("here again"));
      await store.evict(digest);
      assert.equal(await stateOf(store, digest), "evicted");
      await rejectsWith(() => store.read(digest)[Symbol.asyncIterator]().next(), "RMTC_BLOB_EVICTED");
      await store.evict(digest);
      const again = await store.write(inChunks("here again"));
      assertSame(again, { digest, state: "stored", sizeBytes: 10 });
      assertBytes(await readAll(store, digest), "here again");
    },
  },
  {
    id: "blob-store.evict.refused",
    level: "must",
    spec: "blob-store.md#rmtc-bst-071",
    title: "refuses to evict what it never held, and what was erased",
    async run({ store }) {
      await rejectsWith(() => store.evict(sha256("never held")), "RMTC_NOT_FOUND");
      assert.equal(await stateOf(store, sha256("never held")), "neverHeld");
      const { digest } = await store.write(inChunks("erased"));
      await store.erase(digest);
      await rejectsWith(() => store.evict(digest), "RMTC_BLOB_ERASED");
      assert.equal(await stateOf(store, digest), "erased");
    },
  },
];
