// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type CoveredDemand, generateCoverage } from "../scripts/coverage.ts";
import { notHeld } from "../src/index.ts";

const generated = await generateCoverage();
const demands = JSON.parse(generated.get("coverage.json") ?? "") as readonly CoveredDemand[];

test.each([...generated])("%s is current", async (path, text) => {
  expect(await readFile(new URL(`../../spec/${path}`, import.meta.url), "utf8")).toBe(text);
});

test("every reason is for a demand with a MUST that neither a case nor a vector holds, and is said once", () => {
  const open = demands.filter(({ cases, vectors }) => cases.length + vectors.length === 0);
  const ids = notHeld.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !open.some((demand) => demand.id === id))).toEqual([]);
});

test("every demand of the text of a role is held, or has a reason", () => {
  const roles = /^RMTC-(?:RST|BST|RUN|STR|TRN|SCH|INF|CNV)-/;
  const open = demands.filter(
    ({ cases, vectors, reason }) => cases.length + vectors.length === 0 && reason === null,
  );
  expect(open.map(({ id }) => id).filter((id) => roles.test(id))).toEqual([]);
});
