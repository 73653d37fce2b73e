// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkAfterKill } from "./support/check-after-kill.ts";
import { blobsOfManyWrites, digestOf, runManyWrites } from "./support/many-writes.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-blob-fs-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("acknowledges every write when nobody kills it", async () => {
  const { killed, acknowledged } = await runManyWrites(folder, "");
  expect(killed).toBe(false);
  const { files, registered, streamed, resumed, evicted, erased } = blobsOfManyWrites;
  const names = [...files, ...registered, streamed, resumed, evicted, erased];
  expect([...acknowledged.keys()]).toEqual(names.map(digestOf));
});

test("shows only whole blobs and all that it acknowledged when it is killed at any call", async () => {
  // `live/kill-everywhere.test.ts` takes every call; here is a new choice each time.
  for (const where of ["main", "thread"]) {
    for (const moment of ["before", "after"]) {
      const number = 1 + Math.floor(Math.random() * 25);
      await checkAfterKill(await mkdtemp(join(folder, "run-")), `${where}:${moment}:${number}`);
    }
  }
});
