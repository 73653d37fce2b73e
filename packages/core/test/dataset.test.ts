// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import {
  bodyOf,
  getRecord,
  ingest,
  publishDataset,
  publishRecord,
  readItems,
  targetsOf,
  type Workspace,
} from "../src/index.ts";
import { writeFrame } from "./fixtures/frames.ts";
import { openTestWorkspace, temporaryFolder } from "./fixtures/test-workspace.ts";

const plate = { name: "plate", role: "input", channels: ["R", "G", "B"] } as const;
const matte = { name: "matte", role: "target", channels: ["matte.A"] } as const;

async function frame(
  workspace: Workspace,
  name: string,
  width = 8,
  subjects: Parameters<typeof ingest>[1]["subjects"] = [],
) {
  const path = await writeFrame(await temporaryFolder(), name, { width });
  const license = await publishRecord(workspace, {
    kind: "license",
    name: `terms of ${name}`,
    body: { grants: ["train"] },
  });
  const [asset] = await ingest(workspace, {
    input: path,
    licenses: [license],
    subjects,
    origin: "captured",
    coverage: { state: "complete" },
  });
  return await getRecord(workspace.records, asset?.reference.id ?? "");
}

it("links the union of its items' assets, subjects and licences, and keeps items in segments", async () => {
  const workspace = await openTestWorkspace();
  const ann = await publishRecord(workspace, { kind: "subject", name: "ann", body: {} });
  const first = await frame(workspace, "a.1.exr", 8, [{ subject: ann, kinds: ["face"] }]);
  const second = await frame(workspace, "a.2.exr", 9, [{ subject: ann, kinds: ["voice"] }]);
  const dataset = await publishDataset(workspace, {
    name: "mattes",
    slots: [
      { ...plate, channels: [...plate.channels] },
      { ...matte, channels: [...matte.channels] },
    ],
    items: [
      { key: "a.1", split: "train", slots: { plate: first, matte: first } },
      { key: "a.2", split: "validation", slots: { plate: second, matte: second } },
    ],
  });
  const { record } = await getRecord(workspace.records, dataset.id);
  expect(targetsOf(record, "hasMember")).toHaveLength(2);
  expect(targetsOf(record, "depicts")).toEqual([ann]);
  expect(targetsOf(record, "licensedUnder")).toHaveLength(2);
  const body = bodyOf(record, "dataset");
  expect(body).toMatchObject({
    itemCount: 2,
    splits: { train: 1, validation: 1 },
    subjectCoverage: { face: { state: "complete" } },
  });
  expect(body?.depicts?.[0]?.kinds).toEqual(["face", "voice"]);
  const keys: string[] = [];
  for await (const { item } of readItems(workspace, record)) keys.push(item.key);
  expect(keys).toEqual(["a.1", "a.2"]);
});

it("refuses a matte of another size, a channel that is not there, and no items, and puts nothing", async () => {
  const workspace = await openTestWorkspace();
  const [small, large] = [await frame(workspace, "a.1.exr"), await frame(workspace, "m.1.exr", 9)];
  const before = await workspace.records.head();
  const slots = [
    { ...plate, channels: [...plate.channels] },
    { ...matte, channels: [...matte.channels] },
  ];
  const item = { key: "a.1", split: "train", slots: { plate: small, matte: large } };
  await expect(publishDataset(workspace, { name: "d", slots, items: [item] })).rejects.toMatchObject({
    code: "RMTC_LAYOUT_MISMATCH",
  });
  const wrong = [{ name: "plate", role: "input" as const, channels: ["Z"] }];
  await expect(publishDataset(workspace, { name: "d", slots: wrong, items: [item] })).rejects.toThrow(
    "has no channel Z",
  );
  await expect(publishDataset(workspace, { name: "d", slots, items: [] })).rejects.toMatchObject({
    code: "RMTC_OPTION_INVALID",
  });
  expect(await workspace.records.head()).toEqual(before);
});
