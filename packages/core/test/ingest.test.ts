// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  bodyOf,
  getRecord,
  type IngestRequest,
  ingest,
  publishRecord,
  targetsOf,
  trace,
  type Workspace,
} from "../src/index.ts";
import { writeFrame, writePngFrame } from "./fixtures/frames.ts";
import { onDisk, openTestWorkspace, temporaryFolder } from "./fixtures/test-workspace.ts";

async function listing(workspace: Workspace): Promise<string[]> {
  return (await workspace.records.find({ where: [], limit: 1000 })).records.map((stored) => stored.record.id);
}

describe("frames", () => {
  it("become assets with layout, windows, colour, subjects, licence, person and environment", async () => {
    const workspace = await openTestWorkspace();
    const folder = await temporaryFolder();
    for (const frame of [1001, 1002, 1003]) await writeFrame(folder, `sh010.${frame}.exr`);
    const license = await publishRecord(workspace, {
      kind: "license",
      name: "terms",
      body: { grants: ["train"] },
    });
    const subject = await publishRecord(workspace, { kind: "subject", name: "ann", body: {} });
    const assets = await ingest(workspace, {
      input: join(folder, "sh010.####.exr"),
      licenses: [license],
      subjects: [{ subject, frames: new Set([1002]), kinds: ["face"] }],
      coverage: { state: "complete", method: "call sheet" },
      origin: "captured",
    });
    expect(assets.map((asset) => [asset.frameNumber, asset.status])).toEqual([
      [1001, "created"],
      [1002, "created"],
      [1003, "created"],
    ]);
    const second = (await getRecord(workspace.records, assets[1]?.reference.id ?? "")).record;
    expect(targetsOf(second, "depicts")).toEqual([subject]);
    expect(targetsOf(second, "licensedUnder")).toEqual([license]);
    const body = bodyOf(second, "asset");
    expect(body).toMatchObject({
      sequenceName: "sh010",
      frameNumber: 1002,
      depicts: [{ link: 0, kinds: ["face"] }],
    });
    expect(body?.layouts).toMatchObject([
      {
        layer: "",
        layout: {
          dtype: "F16",
          shape: [6, 8, 3],
          channels: ["R", "G", "B"],
          colorInteropId: "lin_rec709_scene",
          dataWindow: { minX: 0, minY: 0, maxX: 7, maxY: 5 },
        },
      },
      { layer: "matte", layout: { channels: ["matte.A"] } },
    ]);
    const lineage = await trace(workspace, [second.id]);
    expect(lineage.complete).toBe(true);
    expect(new Set(lineage.nodes.map((node) => node.kind))).toEqual(
      new Set(["asset", "process", "license", "subject", "party", "environment"]),
    );
  });

  it("that are ingested again are known, and nothing is put", async () => {
    const workspace = await openTestWorkspace();
    const folder = await temporaryFolder();
    await writeFrame(folder, "a.1.exr");
    const request: IngestRequest = { input: folder, licenses: [] };
    const [first] = await ingest(workspace, request);
    const before = await listing(workspace);
    const [again] = await ingest(workspace, request);
    expect(again).toEqual({ ...first, status: "known" });
    expect(await listing(workspace)).toEqual(before);
  });

  it("may be PNG files", async () => {
    const workspace = await openTestWorkspace();
    const path = await writePngFrame(await temporaryFolder(), "still.png");
    const [asset] = await ingest(workspace, { input: path, licenses: [] });
    const { record } = await getRecord(workspace.records, asset?.reference.id ?? "");
    expect(record.files?.[0]?.mediaType).toBe("image/png");
    expect(bodyOf(record, "asset")?.layouts).toMatchObject([{ layout: { dtype: "U8", shape: [6, 8, 3] } }]);
  });

  it("without a declared origin have open inputs", async () => {
    const workspace = await openTestWorkspace();
    const path = await writeFrame(await temporaryFolder(), "a.1.exr");
    const [asset] = await ingest(workspace, { input: path, licenses: [], coverage: { state: "complete" } });
    const lineage = await trace(workspace, [asset?.reference.id ?? ""]);
    expect(lineage.gaps).toMatchObject([{ type: "openInputs" }]);
  });
});

describe("an error leaves the workspace as it was", () => {
  const cases: readonly [string, string, (folder: string) => Promise<void>][] = [
    [
      "a truncated EXR",
      "RMTC_FORMAT_INVALID",
      async (folder) => await truncate(await writeFrame(folder, "b.2.exr"), 300),
    ],
    [
      "a text that is called EXR",
      "RMTC_FORMAT_INVALID",
      async (folder) => await writeFile(join(folder, "b.2.exr"), "no picture"),
    ],
    [
      "a frame of another size",
      "RMTC_LAYOUT_MISMATCH",
      async (folder) => void (await writeFrame(folder, "b.2.exr", { width: 9 })),
    ],
    [
      "a NaN in a plate",
      "RMTC_VALUE_INVALID",
      async (folder) => void (await writeFrame(folder, "b.2.exr", { bad: Number.NaN })),
    ],
    [
      "an infinity in a plate",
      "RMTC_VALUE_INVALID",
      async (folder) => void (await writeFrame(folder, "b.2.exr", { bad: Number.POSITIVE_INFINITY })),
    ],
  ];
  it.each(cases)("after %s", async (_, code, spoil) => {
    const workspace = await openTestWorkspace(onDisk);
    const folder = await temporaryFolder();
    await writeFrame(folder, "b.1.exr");
    await spoil(folder);
    const before = await listing(workspace);
    const error = ingest(workspace, { input: folder, licenses: [] });
    await expect(error).rejects.toMatchObject({ code });
    await expect(error).rejects.toThrow("b.2.exr");
    expect(await listing(workspace)).toEqual(before);
    expect((await workspace.blobs.list({ limit: 10 })).blobs).toEqual([]);
  });

  it.each(["nowhere", "nowhere/a.####.exr"])("after the wrong folder %s", async (input) => {
    const workspace = await openTestWorkspace();
    const folder = await temporaryFolder();
    await expect(ingest(workspace, { input: join(folder, input), licenses: [] })).rejects.toMatchObject({
      code: "RMTC_NOT_FOUND",
    });
    await expect(ingest(workspace, { input: folder, licenses: [] })).rejects.toMatchObject({
      code: "RMTC_NOT_FOUND",
    });
    expect(await listing(workspace)).toEqual([]);
  });
});

it("names the pixel that is no number", async () => {
  const workspace = await openTestWorkspace();
  const path = await writeFrame(await temporaryFolder(), "b.2.exr", { bad: Number.NaN });
  await expect(ingest(workspace, { input: path, licenses: [] })).rejects.toThrow(
    "channel R holds NaN at x 2, y 1",
  );
});

it("leaves files in place and notices when one is changed", async () => {
  const workspace = await openTestWorkspace(onDisk);
  const path = await writeFrame(await temporaryFolder(), "b.1.exr");
  const [asset] = await ingest(workspace, { input: path, licenses: [], mode: "reference" });
  const digest =
    (await getRecord(workspace.records, asset?.reference.id ?? "")).record.files?.[0]?.digest ?? "";
  expect(await workspace.blobs.status([digest])).toMatchObject([{ state: "referenced" }]);
  const bytes: Uint8Array[] = [];
  for await (const chunk of workspace.blobs.read(digest)) bytes.push(chunk);
  expect(Buffer.concat(bytes)).toEqual(await readFile(path));
  await appendFile(path, "more");
  await expect(workspace.blobs.read(digest)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: "RMTC_DIGEST_MISMATCH",
  });
});
