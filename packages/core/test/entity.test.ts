// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { redact } from "@rmtc/attest";
import { expect, it } from "vitest";
import {
  Entity,
  getRecord,
  importRecords,
  publishRecord,
  resolveReference,
  targetsOf,
} from "../src/index.ts";
import { Production } from "./fixtures/production.ts";
import { openTestWorkspace } from "./fixtures/test-workspace.ts";

it("fetches parts on demand and pushes changes as a record that supersedes", async () => {
  const workspace = await openTestWorkspace();
  const model = await publishRecord(workspace, {
    kind: "model",
    name: "net",
    version: "1",
    body: { origin: "handmade" },
  });
  const entity = new Entity(workspace, model.id);
  expect(await entity.fetch("name")).toBe("net");
  expect(await entity.push()).toBe(entity);
  const next = await entity.set({ version: "2", tags: ["roto"] }).push();
  const { record } = await getRecord(workspace.records, next.id);
  expect(record).toMatchObject({ name: "net", version: "2", tags: ["roto"], body: { origin: "handmade" } });
  expect(targetsOf(record, "supersedes")).toEqual([model]);
  const link = record.links.findIndex(({ rel }) => rel === "supersedes");
  expect(record.body?.supersedes).toEqual([{ link, as: "revision" }]);
  expect((await getRecord(workspace.records, model.id)).record.version).toBe("1");
  const [party] = await next.linked("attributedTo");
  expect(await party?.fetch("name")).toBe("Ada");
});

it("refuses to copy a part that is withheld", async () => {
  const workspace = await openTestWorkspace();
  const production = new Production();
  const subject = production.subject("ann");
  await production.put(workspace, { withheld: [subject.id] });
  await expect(new Entity(workspace, subject.id).set({ name: "anna" }).push()).rejects.toMatchObject({
    code: "RMTC_STATE_INVALID",
  });
});

it("resolves ids, names, versions and aliases, and says when nothing fits", async () => {
  const workspace = await openTestWorkspace();
  const first = await publishRecord(workspace, { kind: "subject", name: "ann", version: "1", body: {} });
  const second = await publishRecord(workspace, { kind: "subject", name: "ann", version: "2", body: {} });
  await workspace.runs.setAlias({ alias: "ann@lead", to: first.id, digest: first.digest });
  const idOf = async (text: string): Promise<string> => (await resolveReference(workspace, text)).record.id;
  expect(await idOf("ann")).toBe(second.id);
  expect(await idOf("ann:1")).toBe(first.id);
  expect(await idOf("ann@lead")).toBe(first.id);
  expect(await idOf(first.id.slice("urn:uuid:".length))).toBe(first.id);
  await expect(resolveReference(workspace, "bob")).rejects.toMatchObject({ code: "RMTC_NOT_FOUND" });
  await expect(resolveReference(workspace, first.id, ["weights"])).rejects.toMatchObject({
    code: "RMTC_DOCUMENT_INVALID",
  });
});

it("imports records with their digests, keeps conflicts apart, and never brings back what was erased", async () => {
  const workspace = await openTestWorkspace();
  const production = new Production();
  production.subject("ann");
  const [subject] = production.records;
  if (subject === undefined) throw new Error("no record");
  expect(await importRecords(workspace, [redact(subject, ["name"])])).toEqual({
    counts: { created: 1, known: 0, disclosed: 0 },
    conflicts: [],
  });
  expect((await importRecords(workspace, [subject])).counts.disclosed).toBe(1);
  const forged = { ...subject, name: "bob" };
  expect((await importRecords(workspace, [forged])).conflicts).toMatchObject([{ id: subject.id }]);
  await workspace.records.erase({ id: subject.id, parts: ["name"] });
  await importRecords(workspace, [subject]);
  expect((await getRecord(workspace.records, subject.id)).record.name).toBeUndefined();
});
