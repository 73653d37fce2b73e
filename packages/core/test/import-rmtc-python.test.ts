// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StoredRecord } from "@rmtc/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  exposure,
  findAll,
  type ImportPythonReport,
  importRmtcPython,
  targetsOf,
  type Workspace,
} from "../src/index.ts";
import { pythonEntity, pythonId, writePythonFolder } from "./fixtures/python-folder.ts";
import { openTestWorkspace, temporaryFolder } from "./fixtures/test-workspace.ts";

async function imported(
  entities?: readonly object[],
): Promise<{ readonly workspace: Workspace; readonly folder: string; readonly report: ImportPythonReport }> {
  const [workspace, folder] = [await openTestWorkspace(), await temporaryFolder()];
  await writePythonFolder(folder, entities);
  return { workspace, folder, report: await importRmtcPython(workspace, { folder }) };
}

/** What is held, by annotation of the entity's id or the product's path. */
async function heldBy(workspace: Workspace): Promise<Map<string, StoredRecord>> {
  const held = new Map<string, StoredRecord>();
  for await (const stored of findAll(workspace.records, { where: [] })) {
    const { annotations } = stored.record;
    const key = annotations?.["rmtc-python.id"] ?? annotations?.["rmtc-python.path"];
    if (key !== undefined) held.set(key, stored);
  }
  return held;
}

describe("a folder of the Python RMTC", () => {
  it("becomes records with files, licences and what was derived from what", async () => {
    const { workspace, report } = await imported();
    const held = await heldBy(workspace);
    const of = (id: number) => held.get(pythonId(id));
    expect(of(1)?.record).toMatchObject({
      kind: "license",
      body: { grants: ["train", "faceSwap"], explicit: true, finish: "2031-01-01T00:00:00.000Z" },
    });
    expect(of(7)?.record.files?.map(({ path }) => path)).toEqual(["a.exr", "labels.json", "sub/b.exr"]);
    const weights = of(8);
    expect(weights?.record).toMatchObject({
      kind: "weights",
      version: "1.0.0",
      body: { format: "pytorch" },
      files: [{ path: "hero-1.0.0.pth", mediaType: "application/octet-stream" }],
      annotations: { "rmtc-python.author": "Ada Byron", "rmtc-python.metric": "0.125" },
    });
    const targets = (id: number, rel: Parameters<typeof targetsOf>[1]) =>
      targetsOf(of(id)?.record as never, rel).map((target) => target.id);
    expect(targets(8, "derivedFrom")).toEqual([of(7)?.record.id]);
    expect(targets(8, "instanceOf")).toEqual([of(6)?.record.id]);
    expect(targets(9, "variantOf")).toEqual([weights?.record.id]);
    expect(targets(11, "derivedFrom")).toEqual([weights?.record.id]);
    expect(of(11)?.record).toMatchObject({ kind: "resource", body: { application: "Nuke" } });
    expect(held.get("loose-3.0.0.safetensors")?.record).toMatchObject({
      kind: "weights",
      name: "loose",
      version: "3.0.0",
    });
    expect(report.notCarried.map(({ source }) => source).sort()).toEqual(
      ["Dataset mattes", "Party Ada Byron", "Run training", "loose-3.0.0.safetensors", "notes.txt"].sort(),
    );
    expect(report.notCarried.every(({ damaged }) => !damaged)).toBe(true);
  });

  it("has what was recorded, and for the rest its verdict is unknown, never absent", async () => {
    const { workspace } = await imported();
    const held = await heldBy(workspace);
    const id = (key: string) => held.get(key)?.record.id ?? "";
    const asked = async (of: string, about: string) => (await exposure(workspace, id(of), id(about))).verdict;
    expect(await asked(pythonId(11), pythonId(7))).toBe("present");
    expect(await asked(pythonId(7), pythonId(8))).toBe("unknown");
    expect(await asked("loose-3.0.0.safetensors", pythonId(7))).toBe("unknown");
  });

  it("makes nothing twice, and a record of its own for what changed", async () => {
    const { workspace, folder, report } = await imported();
    const again = await importRmtcPython(workspace, { folder });
    expect(again.records.map(({ status }) => status)).toEqual(again.records.map(() => "known"));
    expect(again.records.map(({ id }) => id)).toEqual(report.records.map(({ id }) => id));
    await writeFile(join(folder, "hero-1.0.0.cat"), "other bytes");
    const changed = await importRmtcPython(workspace, { folder });
    expect(changed.records.filter(({ status }) => status === "created").map(({ source }) => source)).toEqual([
      "Resource hero-cat",
    ]);
  });

  it("is only looked at in a dry run, which says what the import then does", async () => {
    const [workspace, folder] = [await openTestWorkspace(), await temporaryFolder()];
    await writePythonFolder(folder);
    const planned = await importRmtcPython(workspace, { folder, dryRun: true });
    expect((await workspace.records.find({ where: [], limit: 1 })).records).toEqual([]);
    const done = await importRmtcPython(workspace, { folder });
    expect(done.records.map(({ id: _, ...record }) => record)).toEqual(planned.records);
    expect(done.notCarried).toEqual(planned.notCarried);
  });
});

it("takes the example of the mapping, with what the mapping says of it", async () => {
  const example = new URL("../../../spec/mappings/examples/rmtc-python.json", import.meta.url);
  const { workspace } = await imported(JSON.parse(await readFile(example, "utf8")) as object[]);
  const byName = new Map(
    [...(await heldBy(workspace)).values()].map((stored) => [stored.record.name, stored.record]),
  );
  expect(byName.get("show-terms")?.body).toMatchObject({ grants: ["train", "infer", "deliver"] });
  const weights = byName.get("hero-roto");
  expect(weights?.annotations).toMatchObject({ "rmtc-python.author": "Ada Byron" });
  expect(
    weights?.links.map(({ rel, to }) => [rel, [...byName.values()].find(({ id }) => id === to)?.name]),
  ).toEqual(
    expect.arrayContaining([
      ["licensedUnder", "show-terms"],
      ["createdFor", "roto"],
      ["instanceOf", "unet-small"],
      ["derivedFrom", "hero-mattes"],
    ]),
  );
});

describe("a licence", () => {
  it.each([
    ["an exclusion without a name", { excludes: [pythonId(99)] }],
    ["an end that is no time", { finish: "soon" }],
    ["a revocation", { revoked: "2026-01-01T00:00:00" }],
    ["parties", { parties: [pythonId(4)] }],
    ["required rights", { requires: ["train"] }],
  ])("with %s grants nothing, since an import never permits more", async (_, fields) => {
    const { workspace, report } = await imported([
      pythonEntity(1, "License", { name: "narrow", explicit: true, grants: ["train"], ...fields }),
    ]);
    expect((await heldBy(workspace)).get(pythonId(1))?.record.body).toMatchObject({ grants: [] });
    expect(report.notCarried.map(({ why }) => why).join()).toContain("it grants nothing here");
  });

  it("that permitted whatever it did not exclude grants only what it names, and the report says so", async () => {
    const { report } = await imported([pythonEntity(1, "License", { name: "open", grants: ["train"] })]);
    expect(report.notCarried.map(({ why }) => why).join()).toContain("neither grants nor excludes");
  });
});

describe("input that nobody can trust", () => {
  it("never loads a pickle", async () => {
    await imported();
    expect(existsSync("pwned")).toBe(false);
  });

  it("opens nothing outside the folder: links are named, and a URI is never a path", async () => {
    const [workspace, folder, outside] = [
      await openTestWorkspace(),
      await temporaryFolder(),
      await temporaryFolder(),
    ];
    await writeFile(join(outside, "secret-1.0.0.onnx"), "secret");
    await symlink(join(outside, "secret-1.0.0.onnx"), join(folder, "link-1.0.0.onnx"));
    await symlink(outside, join(folder, "2.0.0"));
    const uri = `file://localhost${join(outside, "secret-1.0.0.onnx")}`;
    const up = "file://localhost/x/../../../../etc/passwd";
    await writeFile(
      join(folder, "entities.json"),
      JSON.stringify([pythonEntity(1, "Weights", { uri }), pythonEntity(2, "Weights", { uri: up })]),
    );
    const report = await importRmtcPython(workspace, { folder });
    for await (const { record } of findAll(workspace.records, { where: [] }))
      expect(record.files).toBeUndefined();
    expect(report.notCarried.filter(({ damaged }) => damaged)).toHaveLength(2);
    expect(report.notCarried.filter(({ why }) => why.startsWith("its files are not"))).toHaveLength(2);
  });

  it.each([
    ["text that is cut off", '[{"_type_name": "core.track.Weights-1.0.0", "_id": "1"'],
    ["a key that comes twice", '[{"_type_name": "W-1.0.0", "_id": "1", "_id": "2"}]'],
    ["an entity without an id", '[{"_type_name": "core.track.Weights-1.0.0"}]'],
    ["one id twice", JSON.stringify([pythonEntity(91, "Model"), pythonEntity(91, "Weights")])],
  ])("names %s, and takes the rest", async (_, text) => {
    const [workspace, folder] = [await openTestWorkspace(), await temporaryFolder()];
    await writePythonFolder(folder);
    await writeFile(join(folder, "damaged.json"), text);
    const report = await importRmtcPython(workspace, { folder });
    expect(report.notCarried.filter(({ damaged }) => damaged)).toHaveLength(1);
    expect(report.records.length).toBeGreaterThan(5);
  });

  it("leaves out links that close a circle", async () => {
    const { report } = await imported([
      pythonEntity(1, "Weights", { name: "a", ancestors: [pythonId(2)] }),
      pythonEntity(2, "Weights", { name: "b", ancestors: [pythonId(1)] }),
    ]);
    expect(report.notCarried.map(({ why }) => why).join()).toContain("closes a circle");
  });

  it("does not read a huge JSON file into memory", async () => {
    const [workspace, folder] = [await openTestWorkspace(), await temporaryFolder()];
    await writeFile(join(folder, "huge.json"), "");
    await truncate(join(folder, "huge.json"), 64 * 1024 * 1024);
    expect((await importRmtcPython(workspace, { folder })).notCarried.map(({ source }) => source)).toEqual([
      "huge.json",
    ]);
  });

  it("refuses a small file that asks for a billion links", async () => {
    const many = Array.from({ length: 30_000 }, () => pythonId(1));
    const entities = [
      pythonEntity(1, "Weights"),
      pythonEntity(2, "Run", { result_weights: many, dataset: many }),
    ];
    await expect(imported(entities)).rejects.toMatchObject({ code: "RMTC_LIMIT_EXCEEDED" });
  });

  it("refuses folders that nest too deep, a file, and no folder", async () => {
    const [workspace, folder] = [await openTestWorkspace(), await temporaryFolder()];
    await mkdir(join(folder, ...Array.from({ length: 40 }, () => "d")), { recursive: true });
    await expect(importRmtcPython(workspace, { folder })).rejects.toThrow("deep");
    await writeFile(join(folder, "file"), "");
    await expect(importRmtcPython(workspace, { folder: join(folder, "file") })).rejects.toThrow("is a file");
    await expect(importRmtcPython(workspace, { folder: join(folder, "nowhere") })).rejects.toMatchObject({
      code: "RMTC_NOT_FOUND",
    });
  });

  it("takes in any entities without an error, and the same again as known", async () => {
    const classes =
      "License OSS Right Model Weights Checkpoint Dataset Asset Resource Run Inference Solution Party X constructor".split(
        " ",
      );
    const fields =
      "name version uri licenses tags ancestors variants model solution dataset result_weights grants excludes finish jurisdictions explicit spdx metric author outputs weights".split(
        " ",
      );
    const value = fc.oneof(
      fc.integer({ min: 0, max: 6 }).map(pythonId),
      fc.array(fc.integer({ min: 0, max: 6 }).map(pythonId), { maxLength: 4 }),
      fc.constantFrom<unknown>(
        "",
        "1.0.0",
        "file://localhost/a/b-1.0.0.onnx",
        "file:%",
        {},
        [[]],
        [{ name: 1 }],
        [null],
        null,
        true,
        1.5,
        "2026-01-01",
        "\u001b[2J",
      ),
      fc.string(),
    );
    const entity = fc.tuple(fc.constantFrom(...classes), fc.dictionary(fc.constantFrom(...fields), value));
    await fc.assert(
      fc.asyncProperty(fc.array(entity, { maxLength: 7 }), async (given) => {
        const [workspace, folder] = [await openTestWorkspace(), await temporaryFolder()];
        await writeFile(
          join(folder, "e.json"),
          JSON.stringify(
            given.map(([className, properties], index) => pythonEntity(index, className, properties)),
          ),
        );
        const first = await importRmtcPython(workspace, { folder });
        for (const { why } of first.notCarried) expect(why).toBeTypeOf("string");
        const second = await importRmtcPython(workspace, { folder });
        expect(second.records.every(({ status }) => status === "known")).toBe(true);
        expect(second.records.map(({ id }) => id)).toEqual(first.records.map(({ id }) => id));
      }),
      { numRuns: 100 },
    );
  });
});
