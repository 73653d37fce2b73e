// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import * as memory from "../src/index.ts";

test("exports the stores and their extensions, and nothing else", () => {
  expect(Object.keys(memory).sort()).toEqual([
    "MemoryBlobStore",
    "MemoryRecordStore",
    "MemoryRunStore",
    "blobStore",
    "default",
    "recordStore",
    "runStore",
  ]);
});

test("gives its extensions as a list by default, under the package's name and version", () => {
  expect(memory.default).toEqual([memory.recordStore, memory.runStore, memory.blobStore]);
  for (const { name, version, scheme, contract } of memory.default) {
    expect({ name, version, scheme, contract }).toEqual({
      name: packageJson.name,
      version: packageJson.version,
      scheme: "memory",
      contract: 1,
    });
  }
});

test("opens a store of its own each time", async () => {
  const context = { baseFolder: "/" };
  const first = await memory.runStore.open({}, context);
  const second = await memory.runStore.open({}, context);
  await first.openRun({ run: "urn:uuid:019a0000-0000-7000-8000-000000000000" });
  expect((await second.listRuns({ limit: 1 })).runs).toEqual([]);
});

test("takes no options", async () => {
  const { validate } = memory.recordStore.options["~standard"];
  expect(await validate(undefined)).toEqual({ value: {} });
  expect(await validate({})).toEqual({ value: {} });
  for (const wrong of [{ path: "x" }, "x", null, []]) {
    expect(await validate(wrong)).toHaveProperty("issues");
  }
});
