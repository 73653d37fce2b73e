// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { sha256 } from "@rmtc/attest";
import type { BlobStore } from "@rmtc/contract";
import type { BlobStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { assertBytes, inChunks, readAll, sampleBytes } from "../support/bytes.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { stateOf } from "./blob-state.ts";

const outage = "the line went down";

/** How an upload goes on where it stopped. */
export const resumeCases: readonly BlobStoreCase[] = [
  {
    id: "blob-store.resume.whole",
    level: "must",
    spec: "blob-store.md#rmtc-bst-065",
    title: "takes an upload in that nothing interrupts",
    when: ({ resumable }) => resumable,
    async run({ store }) {
      const bytes = sampleBytes(150_000);
      const digest = sha256(bytes);
      const offsets: number[] = [];
      const status = await store.resumeWrite({ digest, sizeBytes: bytes.length }, (offset) => {
        offsets.push(offset);
        return inChunks(bytes.subarray(offset));
      });
      assertSame(status, { digest, state: "stored", sizeBytes: bytes.length });
      assertSame(offsets, [0]);
      assertBytes(await readAll(store, digest), bytes);
    },
  },
  {
    id: "blob-store.resume.goes-on",
    level: "must",
    spec: "blob-store.md#rmtc-bst-065",
    title: "goes on where an interrupted upload stopped",
    when: ({ resumable }) => resumable,
    async run({ store, size }) {
      const bytes = sampleBytes(size(8_000_000, 200_000));
      const sent = Math.floor(bytes.length * 0.75);
      await interrupted(store, bytes, sent);
      assert.equal(await stateOf(store, sha256(bytes)), "neverHeld", "half an upload is shown");
      const offset = await finish(store, bytes);
      assert.ok(offset > 0, "it begins anew");
      assert.ok(offset <= sent, `it wants bytes from ${offset} on but was given ${sent}`);
      assertBytes(await readAll(store, sha256(bytes)), bytes);
    },
  },
  {
    id: "blob-store.resume.twice",
    level: "must",
    spec: "blob-store.md#rmtc-bst-065",
    title: "goes on after several interruptions, and keeps uploads of different blobs apart",
    when: ({ resumable }) => resumable,
    async run({ store }) {
      const [bytes, other] = [sampleBytes(300_000, 5), sampleBytes(300_000, 6)];
      await interrupted(store, bytes, 100_000);
      await interrupted(store, other, 50_000);
      await interrupted(store, bytes, 200_000);
      await finish(store, bytes);
      await finish(store, other);
      assertBytes(await readAll(store, sha256(bytes)), bytes);
      assertBytes(await readAll(store, sha256(other)), other);
    },
  },
  {
    id: "blob-store.resume.reopened",
    level: "must",
    spec: "blob-store.md#rmtc-bst-066",
    title: "goes on after it was closed and opened again",
    when: ({ resumable, durable }) => resumable && durable,
    async run({ store, reopen, size }) {
      const bytes = sampleBytes(size(8_000_000, 200_000));
      await interrupted(store, bytes, Math.floor(bytes.length * 0.75));
      const again = await reopen();
      const offset = await finish(again, bytes);
      assert.ok(offset > 0, "it begins anew");
      assertBytes(await readAll(again, sha256(bytes)), bytes);
    },
  },
  {
    id: "blob-store.resume.mismatch",
    level: "must",
    spec: "blob-store.md#rmtc-bst-067",
    title: "refuses bytes that do not make the blob, keeps nothing, and then begins anew",
    when: ({ resumable }) => resumable,
    async run({ store }) {
      const bytes = sampleBytes(100_000);
      const digest = sha256(bytes);
      const blob = { digest, sizeBytes: bytes.length };
      const wrong = [
        sampleBytes(100_000, 9),
        bytes.subarray(0, 99_999),
        Buffer.concat([bytes, Buffer.alloc(1)]),
      ];
      for (const other of wrong) {
        await rejectsWith(
          () => store.resumeWrite(blob, (offset) => inChunks(other.subarray(offset))),
          "RMTC_DIGEST_MISMATCH",
        );
        assert.equal(await stateOf(store, digest), "neverHeld");
      }
      assert.equal(await finish(store, bytes), 0);
      assertBytes(await readAll(store, digest), bytes);
    },
  },
  {
    id: "blob-store.resume.held",
    level: "must",
    spec: "blob-store.md#rmtc-bst-068",
    title: "wants no bytes of a blob that it holds",
    when: ({ resumable }) => resumable,
    async run({ store }) {
      const bytes = sampleBytes(1_000);
      const status = await store.write(inChunks(bytes));
      let pulled = 0;
      const again = await store.resumeWrite(
        { digest: status.digest, sizeBytes: 1_000 },
        async function* (offset) {
          pulled += bytes.length - offset;
          yield* inChunks(bytes.subarray(offset));
        },
      );
      assertSame(again, status);
      assert.equal(pulled, 0);
    },
  },
  {
    id: "blob-store.resume.unsupported",
    level: "must",
    spec: "blob-store.md#rmtc-bst-069",
    title: "refuses to resume an upload when it does not declare to",
    when: ({ resumable }) => !resumable,
    async run({ store }) {
      const blob = { digest: sha256("x"), sizeBytes: 1 };
      await rejectsWith(() => store.resumeWrite(blob, () => inChunks("x")), "RMTC_UNSUPPORTED");
    },
  },
];

/** Uploads bytes from where the store wants them up to `end`, where the line goes down. */
async function interrupted(store: BlobStore, bytes: Uint8Array, end: number): Promise<void> {
  const upload = store.resumeWrite(
    { digest: sha256(bytes), sizeBytes: bytes.length },
    async function* (offset) {
      yield* inChunks(bytes.subarray(offset, end), 10_000);
      throw new Error(outage);
    },
  );
  await assert.rejects(upload, { message: outage });
}

/** Uploads the rest of bytes and returns from where on the store wanted them. */
async function finish(store: BlobStore, bytes: Uint8Array): Promise<number> {
  const offsets: number[] = [];
  const digest = sha256(bytes);
  const status = await store.resumeWrite({ digest, sizeBytes: bytes.length }, (offset) => {
    offsets.push(offset);
    return inChunks(bytes.subarray(offset));
  });
  assertSame(status, { digest, state: "stored", sizeBytes: bytes.length });
  assert.equal(offsets.length, 1, "it asked for the bytes more than once");
  return offsets[0] ?? 0;
}
