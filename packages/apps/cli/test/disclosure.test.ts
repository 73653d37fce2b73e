// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRecord, recordDigest, redact, tombstone } from "@rmtc/attest";
import {
  exposure,
  importRecords,
  initWorkspace,
  linkTo,
  publishRecord,
  verify,
  type Workspace,
} from "@rmtc/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorkspace } from "./fixtures/open-workspace.ts";
import { runJson, runRmtc } from "./fixtures/run-rmtc.ts";

let folder = "";
let workspace: Workspace;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-disclosure-"));
  await initWorkspace(folder, { person: "Ada" });
  workspace = await openWorkspace(folder);
}, 60_000);
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A captured plate, made at another facility. */
function plate(name: string) {
  return makeRecord({ kind: "asset", name, links: [], body: { origin: "captured", subjectCoverage: {} } });
}

describe("a redacted record of another facility", () => {
  it("verifies, whichever of its parts are withheld", async () => {
    const records = [
      redact(plate("without-name"), ["name"]),
      redact(plate("without-body"), ["body"]),
      tombstone(plate("tombstone")),
    ];
    expect(await importRecords(workspace, records)).toMatchObject({ counts: { created: 3 }, conflicts: [] });
    const report = await verify(
      workspace,
      records.map(({ id }) => id),
    );
    expect(report).toMatchObject({ problems: [], recordsVerified: 3 });
  });

  it("is refused when its name, a hash or a link is forged, and nothing changes", async () => {
    const record = plate("forged");
    const held = await importRecords(workspace, [record]);
    expect(held.counts.created).toBe(1);
    const withheld = redact(record, ["body"]);
    const forgeries = [
      { ...record, name: "another name" },
      { ...withheld, redacted: { body: `sha256:${"0".repeat(64)}` } },
      { ...withheld, links: [linkTo("depicts", { id: record.id, digest: recordDigest(record) })] },
    ];
    for (const forged of forgeries) {
      const report = await importRecords(workspace, [forged]);
      expect(report.conflicts).toMatchObject([{ id: record.id, heldDigest: recordDigest(record) }]);
    }
    expect((await verify(workspace, [record.id])).problems).toEqual([]);
  });
});

describe("a record with a file path that leaves its folder", () => {
  it.each(["../outside.exr", "/etc/passwd", "a/../../outside.exr"])("such as %s is refused", async (path) => {
    const digest = `sha256:${"1".repeat(64)}`;
    const record = {
      ...plate("sly"),
      ...makeRecord({
        kind: "asset",
        links: [],
        files: [{ path, mediaType: "image/x-exr", sizeBytes: 1, digest }],
        body: {},
      }),
    };
    await expect(importRecords(workspace, [record])).rejects.toMatchObject({ code: "RMTC_DOCUMENT_INVALID" });
    expect((await workspace.records.get({ ids: [record.id] })).records).toEqual([null]);
  });
});

describe("an erased part", () => {
  it("never comes back, by put or by import, and leaves no byte in the store's files", async () => {
    const secret = "performer-Quenlamar-Ostervik";
    const record = plate(secret);
    await importRecords(workspace, [record]);
    await workspace.records.erase({ id: record.id, parts: ["name"] });
    await importRecords(workspace, [record]);
    await workspace.records.put({ records: [record] });
    const [stored] = (await workspace.records.get({ ids: [record.id] })).records;
    expect(stored).toMatchObject({ digest: recordDigest(record), erased: ["name"] });
    expect(stored?.record.name).toBeUndefined();
    expect((await verify(workspace, [record.id])).problems).toEqual([]);
    for (const file of ["catalog.db", "catalog.db-wal"]) {
      const bytes = await readFile(join(folder, ".rmtc", file), "latin1");
      for (const word of [secret, "quenlamar", "ostervik"]) expect(bytes).not.toContain(word);
    }
  });
});

describe("weights from elsewhere", () => {
  it("are unknown to have seen anybody, and say why", async () => {
    await writeFile(join(folder, "outside.onnx"), "a network from elsewhere");
    await publishRecord(workspace, { kind: "subject", name: "hero", body: {} });
    await publishRecord(workspace, { kind: "license", name: "vendor", body: { grants: ["infer"] } });
    const published = await runJson<{ readonly id: string }>(folder, [
      ...["publish", "weights", "outside", "outside.onnx", "--license", "vendor"],
    ]);
    const answer = await runJson(folder, ["trace", "outside", "--has", "hero"]);
    expect(answer).toMatchObject({ verdict: "unknown", complete: false });
    expect(answer).toMatchObject({ gaps: [{ type: "openInputs", record: published.id }] });
    const { code, stdout } = await runRmtc(folder, ["trace", "outside", "--has", "hero"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^unknown: subject hero/);
    expect(stdout).toContain("openInputs");
  });

  it("make everything that they are merged into unknown", async () => {
    const [outside] = (
      await workspace.records.find({ where: [{ field: "name", op: "eq", value: "outside" }], limit: 1 })
    ).records;
    const [hero] = (
      await workspace.records.find({ where: [{ field: "name", op: "eq", value: "hero" }], limit: 1 })
    ).records;
    const reference = { id: outside?.record.id ?? "", digest: outside?.digest ?? "" };
    const process = makeRecord({
      kind: "process",
      links: [linkTo("used", reference)],
      body: { operation: "convert", inputsClosed: true },
    });
    const made = { id: process.id, digest: recordDigest(process) };
    const weights = makeRecord({
      kind: "weights",
      links: [linkTo("generatedBy", made), linkTo("convertedFrom", reference)],
      body: { format: "onnx" },
    });
    const seal = makeRecord({
      kind: "seal",
      links: [linkTo("about", made), linkTo("lists", { id: weights.id, digest: recordDigest(weights) })],
      body: { state: "succeeded" },
    });
    await workspace.records.put({ records: [process, weights, seal] });
    const answer = await exposure(workspace, weights.id, hero?.record.id ?? "");
    expect(answer.verdict).toBe("unknown");
    expect(answer.gaps.map(({ record }) => record)).toContain(reference.id);
  });
});
