// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, it } from "vitest";
import { impact, linkTo, publishNotice } from "../src/index.ts";
import { Production } from "./fixtures/production.ts";
import { openTestWorkspace } from "./fixtures/test-workspace.ts";

it("finds everything made from a subject, over sameAs and later notices", async () => {
  const workspace = await openTestWorkspace();
  const production = new Production();
  const [ann, performer] = [production.subject("ann"), production.subject("performer-17")];
  const [plate, later] = [production.plate([ann]), production.plate([])];
  const weights = production.trained([linkTo("trainedOn", production.dataset([plate]))]);
  const more = production.trained([
    linkTo("trainedOn", production.dataset([later])),
    linkTo("initializedFrom", weights),
  ]);
  const other = production.trained([linkTo("trainedOn", production.dataset([later]))]);
  await production.put(workspace);
  await publishNotice(workspace, [
    { type: "sameAs", effect: "asserts", about: [performer], subjects: [ann] },
  ]);
  const ids = async (): Promise<Set<string>> =>
    new Set((await impact(workspace, performer.id)).nodes.map((node) => node.id));
  const before = await ids();
  expect([weights.id, more.id].every((id) => before.has(id))).toBe(true);
  expect(before.has(other.id)).toBe(false);
  await publishNotice(workspace, [
    { type: "depicts", effect: "asserts", about: [later], subjects: [performer] },
  ]);
  expect((await ids()).has(other.id)).toBe(true);
});

it("lists activities that have not ended and whoever holds a delivery", async () => {
  const workspace = await openTestWorkspace();
  const production = new Production();
  const plate = production.plate([production.subject("ann")]);
  const weights = production.trained([linkTo("trainedOn", production.dataset([plate]))], { sealed: false });
  const vendor = production.add("party", [], { partyType: "organization" }, "vendor");
  const delivery = production.add("delivery", [linkTo("used", weights), linkTo("deliveredTo", vendor)], {
    mode: "push",
    inputsClosed: true,
  });
  await production.put(workspace);
  const answer = await impact(workspace, plate.id);
  expect(answer.unsealed).toEqual(expect.arrayContaining([weights.run.id, delivery.id]));
  expect(answer.holders).toEqual([{ delivery: delivery.id, parties: [vendor.id] }]);
});

it("goes from a licence to what is under it and on", async () => {
  const workspace = await openTestWorkspace();
  const production = new Production();
  const terms = production.add("license", [], { grants: ["train"] }, "terms");
  const plate = production.add("asset", [linkTo("licensedUnder", terms)], { origin: "captured" });
  const weights = production.trained([linkTo("trainedOn", production.dataset([plate]))]);
  await production.put(workspace);
  expect((await impact(workspace, terms.id)).nodes.map((node) => node.id)).toContain(weights.id);
});
