// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, open, rm, stat, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FsBlobStore } from "../../src/index.ts";
import { collect } from "../support/collect.ts";

let folder: string;
let mounted: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-blob-fs-"));
  mounted = join(folder, "mounted");
  await mkdir(mounted);
  const image = join(folder, "image");
  {
    await using file = await open(image, "wx");
    await file.truncate(400_000_000);
  }
  execFileSync("mkfs.xfs", ["-q", "-m", "reflink=1", image]);
  execFileSync("mount", ["-o", "loop", image, mounted]);
});
afterEach(async () => {
  execFileSync("umount", [mounted]);
  await rm(folder, { recursive: true });
});

test("shares the blocks of a file it copies, and keeps its own when the file is changed in place", async () => {
  const source = join(mounted, "plate.exr");
  const bytes = Buffer.alloc(50_000_000, "plate");
  await writeFile(source, bytes, { flush: true });
  const before = await usedBytes();
  await using store = await FsBlobStore.open({ path: join(mounted, "store") });
  const [result] = await store.putFiles({ mode: "copy", files: [{ path: source }] });
  if (result === undefined) throw new Error("The store answers for no file.");
  expect((await usedBytes()) - before).toBeLessThan(5_000_000);
  const { mode, nlink } = await stat(await store.localPath(result.digest));
  expect([mode & 0o777, nlink]).toEqual([0o444, 1]);
  await writeFile(source, "retouched", { flag: "r+", flush: true });
  expect(await collect(store.verify({}))).toEqual([]);
});

async function usedBytes(): Promise<number> {
  const { blocks, bfree, bsize } = await statfs(mounted);
  return (blocks - bfree) * bsize;
}
