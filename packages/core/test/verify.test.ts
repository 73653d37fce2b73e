// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeRecord } from "@rmtc/attest";
import { expect, it } from "vitest";
import { getRecord, ingest, publishDataset, verify, type Workspace } from "../src/index.ts";
import { writeFrame } from "./fixtures/frames.ts";
import { onDisk, openTestWorkspace, temporaryFolder } from "./fixtures/test-workspace.ts";

async function production(workspace: Workspace): Promise<string> {
  const folder = await temporaryFolder();
  for (const frame of [1, 2]) await writeFrame(folder, `a.${frame}.exr`, { width: 8 + 0 * frame, height: 6 });
  await writeFrame(folder, "a.2.exr", { width: 8, height: 6, bad: 0.5 });
  const assets = await ingest(workspace, {
    input: folder,
    licenses: [],
    origin: "captured",
    coverage: { state: "complete" },
  });
  const stored = await Promise.all(assets.map((asset) => getRecord(workspace.records, asset.reference.id)));
  const dataset = await publishDataset(workspace, {
    name: "mattes",
    slots: [{ name: "plate", role: "input", channels: ["R", "G", "B"] }],
    items: stored.map((asset, index) => ({ key: `a.${index}`, split: "train", slots: { plate: asset } })),
  });
  return dataset.id;
}

it("counts records, files and segments of a tree that is whole", async () => {
  const workspace = await openTestWorkspace(onDisk);
  const report = await verify(workspace, [await production(workspace)]);
  expect(report).toMatchObject({ problems: [], complete: true, filesVerified: 3 });
  expect(report.recordsVerified).toBeGreaterThanOrEqual(8);
});

it("names each blob that has one flipped byte", async () => {
  const workspace = await openTestWorkspace(onDisk);
  const dataset = await production(workspace);
  const { blobs } = await workspace.blobs.list({ limit: 100 });
  expect(blobs.length).toBe(3);
  for (const { digest } of blobs) {
    const path = await workspace.blobs.localPath(digest);
    const bytes = await readFile(path);
    const at = bytes.length >> 1;
    const flip = async (): Promise<void> => {
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await chmod(path, 0o644);
      await writeFile(path, bytes);
    };
    await flip();
    const report = await verify(workspace, [dataset]);
    expect(report.problems.map((problem) => problem.digest)).toContain(digest);
    await flip();
  }
  expect((await verify(workspace, undefined)).problems).toEqual([]);
});

it("names a record of an item that the dataset does not link", async () => {
  const workspace = await openTestWorkspace(onDisk);
  const { record } = await getRecord(workspace.records, await production(workspace));
  const [plate, ...links] = record.links.filter(({ rel }) => rel === "hasMember");
  const forged = makeRecord({ kind: "dataset", links, body: record.body });
  await workspace.records.put({ records: [forged] });
  const { problems } = await verify(workspace, [forged.id]);
  expect(problems).toMatchObject([{ code: "RMTC_DOCUMENT_INVALID", record: forged.id }]);
  expect(problems[0]?.message).toContain(plate?.to);
});

it("names a blob that is gone", async () => {
  const workspace = await openTestWorkspace(onDisk);
  const dataset = await production(workspace);
  const [first] = (await workspace.blobs.list({ limit: 1 })).blobs;
  await workspace.blobs.evict(first?.digest ?? "");
  expect((await verify(workspace, [dataset])).problems).toMatchObject([
    { code: "RMTC_BLOB_EVICTED", digest: first?.digest },
  ]);
});

it("names a record whose stored bytes were changed", async () => {
  const workspace = await openTestWorkspace(onDisk);
  const dataset = await production(workspace);
  const { record } = await getRecord(workspace.records, dataset);
  using database = new DatabaseSync(join(workspace.folder, ".rmtc", "catalog.db"));
  const needle = Buffer.from(JSON.stringify(record.name));
  let changed = 0;
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all() as { name: string }[];
  for (const { name } of tables) {
    const columns = database.prepare(`PRAGMA table_info("${name}")`).all() as {
      name: string;
      type: string;
    }[];
    for (const column of columns.filter(({ type }) => type === "BLOB" || type === "TEXT")) {
      const rows = database
        .prepare(`SELECT * FROM "${name}" WHERE instr(CAST("${column.name}" AS BLOB), ?) > 0`)
        .all(needle) as Record<string, string | Uint8Array>[];
      for (const row of rows) {
        const value = row[column.name] ?? "";
        const bytes = Buffer.from(value as Uint8Array);
        const at = bytes.indexOf(needle) + 2;
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        const next = typeof value === "string" ? bytes.toString() : bytes;
        database
          .prepare(`UPDATE "${name}" SET "${column.name}" = ? WHERE "${column.name}" = ?`)
          .run(next, value);
        changed += 1;
      }
    }
  }
  expect(changed).toBeGreaterThan(0);
  const report = await verify(workspace, [dataset]);
  expect(report.problems.map((problem) => problem.record)).toContain(dataset);
});
