// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRecord, newRecordId } from "@rmtc/attest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteRecordStore, SqliteRunStore } from "../../src/index.ts";
import { collect } from "../support/collect.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-store-sqlite-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]);
  path = join(folder, "catalog.db");
});
afterEach(async () => {
  execFileSync("umount", [folder]);
  await rm(folder, { recursive: true });
});

test("says that a full disk is full, keeps nothing of the put, and reads on", async () => {
  await using store = await SqliteRecordStore.open({ path });
  const small = makeRecord({ kind: "asset", name: "small" });
  await store.put({ records: [small] });
  const large = Array.from({ length: 500 }, () =>
    makeRecord({ kind: "asset", body: { note: "x".repeat(20_000) } }),
  );
  await expect(store.put({ records: large })).rejects.toMatchObject({ code: "RMTC_STORE_FULL" });
  expect((await store.count({ where: [] })).count).toBe(1);
  expect((await collect(store.verify({}))).flatMap(({ damages }) => damages)).toEqual([]);
  await store.put({ records: [makeRecord({ kind: "asset", name: "another" })] });
});

test("keeps nothing of a batch of points that does not fit", async () => {
  await using store = await SqliteRunStore.open({ path });
  const run = newRecordId();
  await store.openRun({ run });
  await store.startAttempt({ run, resumeAfterStep: 0 });
  const at = "2026-11-22T10:00:00.000Z";
  const points = Array.from({ length: 100_000 }, (_, step) => ({ key: "loss", step, value: step / 7, at }));
  const log = (batch: number): Promise<void> => store.logMetrics({ run, attempt: 1, batch, points });
  await log(1).catch(() => undefined);
  await expect(log(2).then(() => log(3))).rejects.toMatchObject({ code: "RMTC_STORE_FULL" });
  const [summary] = await store.summarizeMetrics(run);
  expect((summary?.count ?? 0) % 100_000).toBe(0);
});
