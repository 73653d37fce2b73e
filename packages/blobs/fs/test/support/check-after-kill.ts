// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { FsBlobStore } from "../../src/index.ts";
import { collect } from "./collect.ts";
import { blobsOfManyWrites, bytesOf, chunksOf, digestOf, runManyWrites } from "./many-writes.ts";

/**
 * Runs the writer, killed at the given call, and checks that every visible blob is whole, that what was
 * acknowledged is there, that nothing is left over, and that an upload goes on. Returns whether it was killed.
 */
export async function checkAfterKill(folder: string, killAt: string): Promise<boolean> {
  const { killed, acknowledged } = await runManyWrites(folder, killAt);
  const path = join(folder, "store");
  await using store = await FsBlobStore.open({ path, threads: 1 });
  expect(await collect(store.verify({})), killAt).toEqual([]);
  for (const [digest, state] of acknowledged) {
    expect(await store.status([digest]), killAt).toMatchObject([{ digest, state }]);
  }
  expect(await readdir(join(path, "tmp")).catch(() => []), killAt).toEqual([]);
  const { resumed } = blobsOfManyWrites;
  const offsets: number[] = [];
  await store.resumeWrite({ digest: digestOf(resumed), sizeBytes: bytesOf(resumed).byteLength }, (offset) => {
    offsets.push(offset);
    return chunksOf(resumed, offset);
  });
  expect(Buffer.concat(await collect(store.read(digestOf(resumed)))), killAt).toEqual(bytesOf(resumed));
  return killed;
}
