// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FsBlobStore } from "../../src/index.ts";
import { collect } from "../support/collect.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-blob-fs-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]);
  path = join(folder, "store");
});
afterEach(async () => {
  execFileSync("umount", [folder]);
  await rm(folder, { recursive: true });
});

test("says that a full disk is full, keeps nothing of the write, and works on when there is room", async () => {
  await using store = await FsBlobStore.open({ path });
  await store.write(megabytes(1));
  const free = await freeBytes();
  await expect(store.write(megabytes(5))).rejects.toMatchObject({
    code: "RMTC_STORE_FULL",
    cause: { code: "ENOSPC" },
  });
  expect(await freeBytes()).toBe(free);
  await store.write(megabytes(2));
  expect(await collect(store.verify({}))).toEqual([]);
});

test("keeps nothing of a batch that does not fit", async () => {
  const source = await mkdtemp(join(tmpdir(), "rmtc-blob-fs-"));
  try {
    await using store = await FsBlobStore.open({ path });
    for (const sizeBytes of [300_000, 3_000_000]) {
      const files = Array.from({ length: 3_600_000 / sizeBytes + 4 }, (_, index) => ({
        path: join(source, `plate.${sizeBytes}.${index}.exr`),
      }));
      for (const [index, file] of files.entries()) await writeFile(file.path, Buffer.alloc(sizeBytes, index));
      await expect(store.putFiles({ mode: "copy", files })).rejects.toMatchObject({
        code: "RMTC_STORE_FULL",
        cause: { code: "ENOSPC" },
      });
      expect(await store.list({ limit: 10 })).toEqual({ blobs: [] });
      for (const owner of await readdir(join(path, "tmp"))) {
        expect(await readdir(join(path, "tmp", owner))).toEqual([]);
      }
    }
  } finally {
    await rm(source, { recursive: true });
  }
});

async function* megabytes(count: number): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < count; number += 1) yield Buffer.alloc(1_000_000, count * 16 + number);
}

async function freeBytes(): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
