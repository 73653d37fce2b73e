// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { sha256 } from "@rmtc/attest";
import type { BlobStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { assertBytes, inChunks, readAll, sampleBytes } from "../support/bytes.ts";
import { gate } from "../support/gate.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { stateOf } from "./blob-state.ts";

/** How bytes come in as streams. */
export const writeCases: readonly BlobStoreCase[] = [
  {
    id: "blob-store.write.round-trip",
    level: "must",
    spec: "blob-store.md#rmtc-bst-001",
    title: "stores bytes under their SHA-256 and gives them back",
    async run({ store }) {
      const bytes = sampleBytes(10_000);
      const status = await store.write(inChunks(bytes));
      assertSame(status, { digest: sha256(bytes), state: "stored", sizeBytes: 10_000 });
      assertBytes(await readAll(store, status.digest), bytes);
    },
  },
  {
    id: "blob-store.write.empty",
    level: "must",
    spec: "blob-store.md#rmtc-bst-002",
    title: "stores the empty blob, from no chunk and from empty ones",
    async run({ store }) {
      const digest = sha256("");
      for (const chunks of [[], [new Uint8Array(0), new Uint8Array(0)]]) {
        const status = await store.write(listed(chunks));
        assertSame(status, { digest, state: "stored", sizeBytes: 0 });
      }
      assertBytes(await readAll(store, digest), "");
      assertSame(await store.status([digest]), [{ digest, state: "stored", sizeBytes: 0 }]);
    },
  },
  {
    id: "blob-store.write.chunks",
    level: "must",
    spec: "blob-store.md#rmtc-bst-001",
    title: "takes chunks of any size",
    async run({ store }) {
      const bytes = sampleBytes(4_099);
      for (const chunkBytes of [1, 7, 4_096, 4_098, 4_099]) {
        const { digest } = await store.write(inChunks(bytes, chunkBytes));
        assert.equal(digest, sha256(bytes), `chunks of ${chunkBytes}`);
      }
      const mixed = [
        bytes.subarray(0, 1),
        new Uint8Array(0),
        bytes.subarray(1, 4_000),
        bytes.subarray(4_000),
      ];
      assert.equal((await store.write(listed(mixed))).digest, sha256(bytes));
      assertBytes(await readAll(store, sha256(bytes)), bytes);
    },
  },
  {
    id: "blob-store.write.large",
    level: "must",
    spec: "blob-store.md#rmtc-bst-001",
    title: "stores megabytes as a stream and gives them back as a stream",
    async run({ store, size }) {
      const bytes = sampleBytes(size(5_000_000, 150_001));
      const { digest, sizeBytes } = await store.write(inChunks(bytes, 50_000));
      assert.equal(digest, sha256(bytes));
      assert.equal(sizeBytes, bytes.length);
      assertBytes(await readAll(store, digest), bytes);
    },
  },
  {
    id: "blob-store.write.reused-buffer",
    level: "must",
    spec: "blob-store.md#rmtc-bst-003",
    title: "has taken a chunk's bytes before it asks for the next, so that a source can use one buffer again",
    async run({ store }) {
      const wanted = Buffer.concat([Buffer.alloc(1_000, 1), Buffer.alloc(1_000, 2), Buffer.alloc(1_000, 3)]);
      const source = async function* (): AsyncGenerator<Uint8Array> {
        const buffer = Buffer.alloc(1_000);
        for (const value of [1, 2, 3]) yield buffer.fill(value);
        buffer.fill(0);
      };
      const { digest } = await store.write(source());
      assert.equal(digest, sha256(wanted));
      assertBytes(await readAll(store, digest), wanted);
    },
  },
  {
    id: "blob-store.write.copies",
    level: "must",
    spec: "blob-store.md#rmtc-bst-003",
    title: "is not changed by what callers do to bytes they gave or were given",
    async run({ store }) {
      const bytes = Buffer.from("the bytes");
      const { digest } = await store.write(listed([bytes]));
      bytes.fill(0);
      for await (const chunk of store.read(digest)) chunk.fill(0);
      assertBytes(await readAll(store, digest), "the bytes");
    },
  },
  {
    id: "blob-store.write.known",
    level: "must",
    spec: "blob-store.md#rmtc-bst-004",
    title: "keeps bytes once that are written again",
    async run({ store }) {
      const first = await store.write(inChunks("twice"));
      assertSame(await store.write(inChunks("twice")), first);
      assertSame(await store.write(inChunks("twice"), { expect: first.digest }), first);
      assertSame((await store.list({ limit: 10 })).blobs, [first]);
    },
  },
  {
    id: "blob-store.write.expect",
    level: "must",
    spec: "blob-store.md#rmtc-bst-005",
    title: "stores bytes that have the expected digest",
    async run({ store }) {
      const digest = sha256("expected");
      const status = await store.write(inChunks("expected"), { expect: digest });
      assertSame(status, { digest, state: "stored", sizeBytes: 8 });
      assertBytes(await readAll(store, digest), "expected");
    },
  },
  {
    id: "blob-store.write.expect-mismatch",
    level: "must",
    spec: "blob-store.md#rmtc-bst-005",
    title: "refuses bytes that differ from the expected digest and keeps nothing",
    async run({ store }) {
      const expect = sha256("expected");
      for (const bytes of ["unexpected", "expecte", "expected ", ""]) {
        await rejectsWith(() => store.write(inChunks(bytes), { expect }), "RMTC_DIGEST_MISMATCH");
        assert.equal(await stateOf(store, sha256(bytes)), "neverHeld", `${bytes}: its bytes are kept`);
      }
      assert.equal(await stateOf(store, expect), "neverHeld");
      assertSame((await store.list({ limit: 10 })).blobs, []);
    },
  },
  {
    id: "blob-store.write.source-fails",
    level: "must",
    spec: "blob-store.md#rmtc-bst-006",
    title: "passes on the error of a source that fails, and keeps nothing",
    async run({ store }) {
      const failure = new Error("the plate server went away");
      const source = async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.from("the first half");
        throw failure;
      };
      const outcome = await store.write(source()).then(
        () => "it returned",
        (error: unknown) => error,
      );
      assert.equal(outcome, failure);
      assert.equal(await stateOf(store, sha256("the first half")), "neverHeld");
      assertSame((await store.list({ limit: 10 })).blobs, []);
    },
  },
  {
    id: "blob-store.write.unseen-before-end",
    level: "must",
    spec: "blob-store.md#rmtc-bst-007",
    title: "shows nothing of a blob to anyone until it is whole",
    async run({ store }) {
      const halves = [sampleBytes(100_000, 1), sampleBytes(100_000, 2)] as const;
      const whole = Buffer.concat(halves);
      const digest = sha256(whole);
      const half = gate();
      const source = async function* (): AsyncGenerator<Uint8Array> {
        yield* inChunks(halves[0]);
        await half.pass();
        yield* inChunks(halves[1]);
      };
      const writing = store.write(source(), { expect: digest });
      await half.reached;
      try {
        for (const unfinished of [digest, sha256(halves[0])]) {
          assert.equal(await stateOf(store, unfinished), "neverHeld");
          await rejectsWith(() => readAll(store, unfinished), "RMTC_NOT_FOUND");
        }
        assertSame((await store.list({ limit: 10 })).blobs, []);
      } finally {
        half.open();
      }
      await writing;
      assertBytes(await readAll(store, digest), whole);
    },
  },
  {
    id: "blob-store.write.parallel-identical",
    level: "must",
    spec: "blob-store.md#rmtc-bst-008",
    title: "takes the same bytes from many callers at the same time, and keeps them once",
    async run({ store }) {
      const bytes = sampleBytes(120_000);
      const written = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.write(inChunks(bytes, 10_000 + index))),
      );
      for (const status of written) {
        assertSame(status, { digest: sha256(bytes), state: "stored", sizeBytes: 120_000 });
      }
      assertBytes(await readAll(store, sha256(bytes)), bytes);
      assert.equal((await store.list({ limit: 10 })).blobs.length, 1);
    },
  },
  {
    id: "blob-store.write.parallel-different",
    level: "must",
    spec: "blob-store.md#rmtc-bst-008",
    title: "keeps different bytes apart that come at the same time",
    async run({ store }) {
      const all = Array.from({ length: 12 }, (_, index) => sampleBytes(30_000 + index, index + 1));
      const written = await Promise.all(all.map((bytes) => store.write(inChunks(bytes, 4_000))));
      for (const [index, bytes] of all.entries()) {
        assert.equal(written[index]?.digest, sha256(bytes));
        assertBytes(await readAll(store, sha256(bytes)), bytes);
      }
    },
  },
  {
    id: "blob-store.aborted.write-midway",
    level: "must",
    spec: "blob-store.md#rmtc-bst-094",
    title: "ends a write that is aborted while its source hangs, within 100 ms, and keeps nothing",
    async run({ store, size }) {
      const delays: number[] = [];
      while (delays.length < 5 && !delays.some((delay) => delay <= 100)) {
        const half = gate();
        const source = async function* (): AsyncGenerator<Uint8Array> {
          yield sampleBytes(100_000);
          await half.pass();
        };
        const controller = new AbortController();
        const reason = new Error("the caller went away");
        const writing = store.write(source(), { signal: controller.signal }).then(
          () => "it returned",
          (error: unknown) => error,
        );
        await half.reached;
        const start = performance.now();
        controller.abort(reason);
        const patience = new Promise((resolve) => setTimeout(resolve, size(5_000, 400), "it hangs").unref());
        const outcome = await Promise.race([writing, patience]);
        delays.push(performance.now() - start);
        half.open();
        assert.equal(outcome, reason, `expected the signal's reason, not ${String(outcome)}`);
        assert.equal(await stateOf(store, sha256(sampleBytes(100_000))), "neverHeld");
        assertSame((await store.list({ limit: 10 })).blobs, []);
      }
      const shown = delays.map((delay) => delay.toFixed(0)).join(", ");
      assert.ok(Math.min(...delays) <= 100, `it answered after ${shown} ms`);
    },
  },
];

async function* listed(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
