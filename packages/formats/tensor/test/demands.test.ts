// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../../../../", import.meta.url).pathname;
const demand = /RMTC-TEN-\d{3}/g;

/** The numbers that the files name, each once, in order. */
function named(...patterns: string[]): string[] {
  const texts = globSync(patterns, { cwd: root }).map((path) => readFileSync(`${root}${path}`, "utf8"));
  return [...new Set(texts.flatMap((text) => text.match(demand) ?? []))].sort();
}

it("has a vector or a test for every demand of the standard of tensor layouts, and for no other", () => {
  expect(
    named(
      "spec/draft/vectors/{tensor-*,small-floats}.json",
      "packages/formats/{tensor,image}/test/*.test.ts",
    ),
  ).toEqual(named("spec/draft/tensor-layout.md"));
});
