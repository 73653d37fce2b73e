// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import { checkRights, linkTo, type RecordReference, type Workspace } from "../src/index.ts";
import { Production } from "./fixtures/production.ts";
import { openTestWorkspace } from "./fixtures/test-workspace.ts";

async function setUp(
  ...licenses: object[]
): Promise<{ workspace: Workspace; asset: RecordReference; terms: RecordReference[] }> {
  const workspace = await openTestWorkspace();
  const production = new Production();
  const terms = licenses.map((body, index) => production.add("license", [], body, `terms-${index}`));
  const asset = production.add(
    "asset",
    terms.map((license) => linkTo("licensedUnder", license)),
    {},
  );
  await production.put(workspace);
  return { workspace, asset, terms };
}

it("permits an act that every licence grants, and returns the licences", async () => {
  const { workspace, asset, terms } = await setUp({ grants: ["train", "infer"] }, { grants: ["train"] });
  expect(await checkRights(workspace, "train", [asset.id])).toEqual(terms);
});

it.each([
  ["no licence is linked", []],
  ["one of the licences does not grant it", [{ grants: ["train"] }, { grants: ["infer"] }]],
  ["a licence excludes it", [{ grants: ["train"], excludes: ["train"] }]],
  ["a licence has ended", [{ grants: ["train"], finish: "2020-01-01T00:00:00.000Z" }]],
  ["a licence has not begun", [{ grants: ["train"], start: "2999-01-01T00:00:00.000Z" }]],
])("denies it with a reason when %s", async (_, licenses) => {
  const { workspace, asset } = await setUp(...licenses);
  const denial = checkRights(workspace, "train", [asset.id]);
  await expect(denial).rejects.toMatchObject({ code: "RMTC_RIGHTS_DENIED" });
  await expect(denial).rejects.toHaveProperty("reasons.length", 1);
});

it("denies it for an input or licence that is not held", async () => {
  const workspace = await openTestWorkspace();
  const production = new Production();
  const terms = production.add("license", [], { grants: ["train"] });
  const asset = production.add("asset", [linkTo("licensedUnder", terms)], {});
  await production.put(workspace, { without: [terms.id] });
  await expect(checkRights(workspace, "train", [asset.id])).rejects.toMatchObject({
    code: "RMTC_RIGHTS_DENIED",
  });
  await expect(checkRights(workspace, "train", [terms.id])).rejects.toMatchObject({
    code: "RMTC_RIGHTS_DENIED",
  });
});
