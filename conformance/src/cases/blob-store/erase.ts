// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@rmtc/attest";
import type { BlobStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { inChunks, readAll } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { stateOf } from "./blob-state.ts";

/** How bytes go for ever. */
export const eraseCases: readonly BlobStoreCase[] = [
  {
    id: "blob-store.erase.read",
    level: "must",
    spec: "blob-store.md#rmtc-bst-072",
    title: "gives erased bytes out no more, and says so on the first pull",
    async run({ store }) {
      const { digest } = await store.write(inChunks("erased"));
      await store.erase(digest);
      assert.equal(await stateOf(store, digest), "erased");
      await rejectsWith(() => store.read(digest)[Symbol.asyncIterator]().next(), "RMTC_BLOB_ERASED");
      await rejectsWith(() => readAll(store, digest, { range: { start: 1, end: 2 } }), "RMTC_BLOB_ERASED");
    },
  },
  {
    id: "blob-store.erase.never-back-by-write",
    level: "must",
    spec: "blob-store.md#rmtc-bst-073",
    title: "takes erased bytes back by no write",
    async run({ store }) {
      const { digest } = await store.write(inChunks("erased"));
      await store.erase(digest);
      await rejectsWith(() => store.write(inChunks("erased")), "RMTC_BLOB_ERASED");
      await rejectsWith(() => store.write(inChunks("erased", 1), { expect: digest }), "RMTC_BLOB_ERASED");
      assert.equal(await stateOf(store, digest), "erased");
      await rejectsWith(() => readAll(store, digest), "RMTC_BLOB_ERASED");
    },
  },
  {
    id: "blob-store.erase.never-back-by-files",
    level: "must",
    spec: "blob-store.md#rmtc-bst-073",
    title: "takes erased bytes back by no file",
    async run({ store, folder }) {
      const path = join(folder, "plate.exr");
      await writeFile(path, "erased");
      const digest = sha256("erased");
      await store.putFiles({ files: [{ path }], mode: "copy" });
      await store.erase(digest);
      await rejectsWith(() => store.putFiles({ files: [{ path }], mode: "copy" }), "RMTC_BLOB_ERASED");
      if (store.capabilities.references) {
        await rejectsWith(() => store.putFiles({ files: [{ path }], mode: "reference" }), "RMTC_BLOB_ERASED");
      }
      assert.equal(await stateOf(store, digest), "erased");
    },
  },
  {
    id: "blob-store.erase.never-back-by-resume",
    level: "must",
    spec: "blob-store.md#rmtc-bst-073",
    title: "takes erased bytes back by no resumed upload",
    when: ({ resumable }) => resumable,
    async run({ store }) {
      const digest = sha256("erased");
      await store.erase(digest);
      const blob = { digest, sizeBytes: 6 };
      const from = (offset: number): AsyncIterable<Uint8Array> => inChunks("erased".slice(offset));
      await rejectsWith(() => store.resumeWrite(blob, from), "RMTC_BLOB_ERASED");
      assert.equal(await stateOf(store, digest), "erased");
    },
  },
  {
    id: "blob-store.erase.before-held",
    level: "must",
    spec: "blob-store.md#rmtc-bst-074",
    title: "erases bytes that it never held, so that they never come",
    async run({ store }) {
      const digest = sha256("not yet");
      await store.erase(digest);
      assert.equal(await stateOf(store, digest), "erased");
      await rejectsWith(() => store.write(inChunks("not yet")), "RMTC_BLOB_ERASED");
    },
  },
  {
    id: "blob-store.erase.evicted",
    level: "must",
    spec: "blob-store.md#rmtc-bst-074",
    title: "erases what was evicted, and changes nothing when it is repeated",
    async run({ store }) {
      const { digest } = await store.write(inChunks("gone"));
      await store.evict(digest);
      await store.erase(digest);
      await store.erase(digest);
      assert.equal(await stateOf(store, digest), "erased");
      await rejectsWith(() => store.write(inChunks("gone")), "RMTC_BLOB_ERASED");
    },
  },
  {
    id: "blob-store.erase.others-stay",
    level: "must",
    spec: "blob-store.md#rmtc-bst-072",
    title: "leaves every other blob as it is",
    async run({ store }) {
      const { digest } = await store.write(inChunks("erased"));
      const kept = await store.write(inChunks("erased too late"));
      await store.erase(digest);
      assert.equal((await readAll(store, kept.digest)).toString(), "erased too late");
      assertSame(await collect(store.verify({})), []);
    },
  },
];
