// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { mkdir, readFile, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@rmtc/attest";
import type { BlobStore, PutFileResult } from "@rmtc/contract";
import type { BlobStoreCase, CaseContext } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { assertBytes, inChunks, readAll, sampleBytes } from "../support/bytes.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { stateOf } from "./blob-state.ts";

/** How files come in by copy. */
export const filesCases: readonly BlobStoreCase[] = [
  {
    id: "blob-store.files.copy",
    level: "must",
    spec: "blob-store.md#rmtc-bst-040",
    title: "takes a batch of files in and answers for each in the order given",
    async run({ store, folder, size }) {
      const contents = [
        sampleBytes(size(300_000, 70_000)),
        Buffer.alloc(0),
        sampleBytes(3, 2),
        sampleBytes(4_096, 3),
      ];
      const paths = await written(folder, contents);
      const results = await store.putFiles({ files: paths.map((path) => ({ path })), mode: "copy" });
      assertSame(
        results.map(({ path, digest, sizeBytes }) => ({ path, digest, sizeBytes })),
        contents.map((bytes, index) => ({
          path: paths[index],
          digest: sha256(bytes),
          sizeBytes: bytes.length,
        })),
      );
      for (const bytes of contents) {
        assertBytes(await readAll(store, sha256(bytes)), bytes);
        assert.equal(await stateOf(store, sha256(bytes)), "stored");
      }
      assertSame(await store.putFiles({ files: [], mode: "copy" }), []);
    },
  },
  {
    id: "blob-store.files.many",
    level: "must",
    spec: "blob-store.md#rmtc-bst-040",
    title: "takes hundreds of files in one batch",
    async run({ store, folder, size }) {
      const contents = Array.from({ length: size(400, 12) }, (_, index) =>
        sampleBytes(2_000 + index, index + 1),
      );
      const paths = await written(folder, contents);
      const results = await store.putFiles({ files: paths.map((path) => ({ path })), mode: "copy" });
      assertSame(
        results.map(({ digest }) => digest),
        contents.map((bytes) => sha256(bytes)),
      );
      const states = await store.status(results.map(({ digest }) => digest));
      assert.ok(states.every(({ state }) => state === "stored"));
    },
  },
  {
    id: "blob-store.files.same-bytes",
    level: "must",
    spec: "blob-store.md#rmtc-bst-041",
    title: "keeps bytes once that come in several files, and as a stream",
    async run({ store, folder }) {
      const paths = await written(
        folder,
        ["same", "same", "other"].map((text) => Buffer.from(text)),
      );
      await store.write(inChunks("other"));
      const results = await store.putFiles({ files: paths.map((path) => ({ path })), mode: "copy" });
      assertSame(
        results.map(({ digest }) => digest),
        [sha256("same"), sha256("same"), sha256("other")],
      );
      assert.equal((await store.list({ limit: 10 })).blobs.length, 2);
    },
  },
  {
    id: "blob-store.files.own-bytes",
    level: "must",
    spec: "blob-store.md#rmtc-bst-042",
    title: "keeps copied bytes when the file is changed in place or goes away",
    async run({ store, folder }) {
      const [path] = await written(folder, [Buffer.from("as it was")]);
      assert.ok(path);
      await store.putFiles({ files: [{ path }], mode: "copy" });
      await writeFile(path, "as it is!", { flag: "r+" });
      assertBytes(await readAll(store, sha256("as it was")), "as it was");
      await rename(path, `${path}.moved`);
      assertBytes(await readAll(store, sha256("as it was")), "as it was");
    },
  },
  {
    id: "blob-store.files.source-untouched",
    level: "must",
    spec: "blob-store.md#rmtc-bst-042",
    title: "leaves the files it takes in as they are",
    async run({ store, folder }) {
      const [path] = await written(folder, [Buffer.from("a plate")]);
      assert.ok(path);
      const before = await stat(path);
      for (const mode of store.capabilities.references
        ? (["copy", "reference"] as const)
        : (["copy"] as const)) {
        await store.putFiles({ files: [{ path }], mode });
      }
      await store.erase(sha256("a plate"));
      const after = await stat(path);
      assertSame(
        [after.mode, after.size, after.mtimeMs, after.nlink],
        [before.mode, before.size, before.mtimeMs, 1],
      );
      assert.equal(await readFile(path, "utf8"), "a plate");
    },
  },
  {
    id: "blob-store.files.missing",
    level: "must",
    spec: "blob-store.md#rmtc-bst-043",
    title: "refuses a batch with a path that does not exist; every blob is then whole or absent",
    async run({ store, folder }) {
      const contents = [sampleBytes(50_000), sampleBytes(60_000, 2)];
      const [first, last] = await written(folder, contents);
      assert.ok(first && last);
      const files = [first, join(folder, "not-there.exr"), last].map((path) => ({ path }));
      await rejectsWith(() => store.putFiles({ files, mode: "copy" }), "RMTC_NOT_FOUND");
      for (const bytes of contents) {
        const state = await stateOf(store, sha256(bytes));
        if (state === "stored") assertBytes(await readAll(store, sha256(bytes)), bytes);
        else assert.equal(state, "neverHeld");
      }
      await store.putFiles({ files: [{ path: first }, { path: last }], mode: "copy" });
      for (const bytes of contents) assertBytes(await readAll(store, sha256(bytes)), bytes);
    },
  },
  {
    id: "blob-store.files.not-regular",
    level: "must",
    spec: "blob-store.md#rmtc-bst-044",
    title: "refuses folders and relative paths",
    async run({ store, folder }) {
      const inner = join(folder, "sequence");
      await mkdir(inner);
      for (const path of [inner, "plate.exr", "./plate.exr", ""]) {
        await rejectsWith(() => store.putFiles({ files: [{ path }], mode: "copy" }), "RMTC_PATH_INVALID");
      }
      assertSame((await store.list({ limit: 10 })).blobs, []);
    },
  },
  {
    id: "blob-store.files.hashed",
    level: "must",
    spec: "blob-store.md#rmtc-bst-045",
    title: "says that it hashed a new file, and hashes an unchanged one no more once its times have settled",
    async run({ store, folder, size }) {
      const [path] = await written(folder, [sampleBytes(20_000)]);
      assert.ok(path);
      const put = async (): Promise<PutFileResult> =>
        first(await store.putFiles({ files: [{ path }], mode: "copy" }));
      const results = [await put()];
      const deadline = Date.now() + size(6_000, 600);
      while (results.at(-1)?.hashed === true && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        results.push(await put());
      }
      assert.equal(results[0]?.hashed, true, "it says that it did not hash a new file");
      assert.equal(results.at(-1)?.hashed, false, "it hashes an unchanged file again and again");
      assert.ok(results.every(({ digest }) => digest === sha256(sampleBytes(20_000))));
    },
  },
  {
    id: "blob-store.files.changed",
    level: "must",
    spec: "blob-store.md#rmtc-bst-046",
    title: "sees that a file was changed, though its size and time of change are as before",
    async run(context) {
      const { store, folder } = context;
      const [path] = await written(folder, [Buffer.from("version A")]);
      assert.ok(path);
      const time = new Date("2020-01-01T00:00:00.000Z");
      await utimes(path, time, time);
      assert.equal((await putUntilKnown(context, path)).digest, sha256("version A"));
      await writeFile(path, "version B");
      await utimes(path, time, time);
      const after = first(await store.putFiles({ files: [{ path }], mode: "copy" }));
      assert.equal(after.digest, sha256("version B"));
      assertBytes(await readAll(store, sha256("version B")), "version B");
    },
  },
  {
    id: "blob-store.files.changed-at-once",
    level: "must",
    spec: "blob-store.md#rmtc-bst-046",
    title: "sees that a file was changed right after it was taken in",
    async run({ store, folder }) {
      const path = join(folder, "plate.exr");
      for (let version = 10; version < 30; version++) {
        await writeFile(path, `version ${version}`);
        const result = first(await store.putFiles({ files: [{ path }], mode: "copy" }));
        assert.equal(result.digest, sha256(`version ${version}`), `version ${version}`);
      }
    },
  },
  {
    id: "blob-store.files.replaced",
    level: "must",
    spec: "blob-store.md#rmtc-bst-046",
    title: "sees that another file took a file's place",
    async run(context) {
      const { store, folder } = context;
      const [path, other] = await written(folder, [Buffer.from("version A"), Buffer.from("version B")]);
      assert.ok(path && other);
      const time = new Date("2020-01-01T00:00:00.000Z");
      await utimes(path, time, time);
      await utimes(other, time, time);
      await putUntilKnown(context, path);
      await rename(other, path);
      const after = first(await store.putFiles({ files: [{ path }], mode: "copy" }));
      assert.equal(after.digest, sha256("version B"));
    },
  },
  {
    id: "blob-store.files.known-but-gone",
    level: "must",
    spec: "blob-store.md#rmtc-bst-047",
    title: "takes bytes of an unchanged file again that it has let go",
    async run(context) {
      const { store, folder } = context;
      const [path] = await written(folder, [Buffer.from("let go")]);
      assert.ok(path);
      const { digest } = await putUntilKnown(context, path);
      await store.evict(digest);
      const result = first(await store.putFiles({ files: [{ path }], mode: "copy" }));
      assert.equal(result.digest, digest);
      assert.equal(await stateOf(store, digest), "stored");
      assertBytes(await readAll(store, digest), "let go");
    },
  },
  {
    id: "blob-store.files.progress",
    level: "must",
    spec: "blob-store.md#rmtc-bst-048",
    title: "tells progress that rises to the end of the batch and not beyond",
    async run({ store, folder }) {
      const contents = Array.from({ length: 9 }, (_, index) => sampleBytes(1_000, index + 1));
      const paths = await written(folder, contents);
      const told: { files: number; sizeBytes: number }[] = [];
      await store.putFiles(
        { files: paths.map((path) => ({ path })), mode: "copy" },
        { onProgress: (progress) => told.push({ ...progress }) },
      );
      for (const [index, { files, sizeBytes }] of told.entries()) {
        const before = told[index - 1] ?? { files: 0, sizeBytes: 0 };
        assert.ok(files >= before.files && sizeBytes >= before.sizeBytes, "progress goes back");
        assert.ok(files <= 9 && sizeBytes <= 9_000, "progress goes beyond the end");
      }
    },
  },
];

/** Writes files and returns their paths. */
async function written(folder: string, contents: readonly Uint8Array[]): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, bytes] of contents.entries()) {
    const path = join(folder, `frame.${1_001 + index}.exr`);
    await writeFile(path, bytes);
    paths.push(path);
  }
  return paths;
}

/** Puts a file until the store knows it without hashing: it may wait for the file's times to settle. */
async function putUntilKnown({ store, size }: CaseContext<BlobStore>, path: string): Promise<PutFileResult> {
  const deadline = Date.now() + size(6_000, 600);
  for (;;) {
    const result = first(await store.putFiles({ files: [{ path }], mode: "copy" }));
    if (!result.hashed || Date.now() > deadline) return result;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function first(results: readonly PutFileResult[]): PutFileResult {
  const [result] = results;
  assert.ok(result, "putFiles answered for no file");
  return result;
}
