// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { guestCases, notHeld, suites, type TestedRole } from "../src/index.ts";

const draft = new URL("../../spec/draft/", import.meta.url);
const files: Readonly<Record<TestedRole, string>> = {
  recordStore: "record-store.md",
  blobStore: "blob-store.md",
  runStore: "run-store.md",
  trainingStrategy: "training-strategy.md",
  trainer: "trainer.md",
  scheduler: "scheduler.md",
  inferer: "inferer.md",
  converter: "converter.md",
};
const roles = Object.keys(files) as TestedRole[];
const reasons = new Map(notHeld.map(({ id, reason }) => [id.toLowerCase(), reason]));
const cited = new Set(roles.flatMap((role) => suites[role].map(({ spec }) => spec)));

test.each(roles)(
  "every demand of the standard of a %s has a case or a reason, and every case cites a demand",
  async (role) => {
    const file = files[role];
    const demanded = (await demandsOf(file)).map((anchor) => `${file}#${anchor}`);
    const excused = demanded.filter((anchor) => reasons.has(anchor.split("#")[1] ?? ""));
    expect(demanded.filter((anchor) => !cited.has(anchor) && !excused.includes(anchor))).toEqual([]);
    expect(excused.filter((anchor) => cited.has(anchor))).toEqual([]);
    for (const { id, spec } of suites[role]) {
      const [name = "", anchor = ""] = spec.split("#");
      expect(await anchorsOf(name), `${id} cites ${spec}`).toContain(anchor);
    }
  },
);

test("every case has an id of its own, under its role", () => {
  for (const role of roles) {
    const ids = suites[role].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z-]+\.[a-z-]+\.[A-Za-z0-9-]+$/.test(id))).toEqual([]);
    expect(ids.filter((id) => !id.startsWith(files[role].replace("md", "")))).toEqual([]);
  }
});

test("every case about guests cites a demand, and has an id of its own", async () => {
  const ids = guestCases.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^guest\.[a-z-]+\.[a-z-]+$/.test(id))).toEqual([]);
  for (const { id, spec } of guestCases) {
    const [name = "", anchor = ""] = spec.split("#");
    expect(await demandsOf(name), `${id} cites ${spec}`).toContain(anchor);
  }
});

async function anchorsOf(file: string): Promise<string[]> {
  const text = await readFile(new URL(file, draft), "utf8");
  return [...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, anchor]) => anchor ?? "");
}

/** Returns the anchors of sentences that hold a MUST; SHOULD and MAY bind nobody to a case. */
async function demandsOf(file: string): Promise<string[]> {
  const text = await readFile(new URL(file, draft), "utf8");
  return [...text.matchAll(/<a id="([^"]+)"><\/a>(.*)/g)]
    .filter(([, , sentence]) => sentence?.includes("MUST") === true)
    .map(([, anchor]) => anchor ?? "");
}
