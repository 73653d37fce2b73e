// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { freeze, frozenIssues } from "../scripts/freeze.ts";

it("finds every frozen version as it was frozen", async () => {
  expect(await frozenIssues(fileURLToPath(new URL("../", import.meta.url)))).toEqual([]);
});

it("names every byte of a frozen version that is changed, gone or new, and lets the draft change", async () => {
  const root = await standard();
  await freeze(root, "0.1");
  await appendFile(join(root, "draft", "record.md"), "more");
  expect(await frozenIssues(root)).toEqual([]);
  await appendFile(join(root, "0.1", "record.md"), " ");
  await rm(join(root, "0.1", "registry", "kinds.json"));
  await writeFile(join(root, "0.1", "schemas", "new.json"), "{}");
  await mkdir(join(root, "0.2"));
  expect(await frozenIssues(root)).toEqual([
    "0.2 is in no list",
    "0.1/record.md is changed",
    "0.1/registry/kinds.json is gone",
    "0.1/schemas/new.json is new",
  ]);
});

it("freezes a version once", async () => {
  const root = await standard();
  await freeze(root, "0.1");
  await expect(freeze(root, "0.1")).rejects.toThrow("0.1 is frozen already");
  await expect(freeze(root, "next")).rejects.toThrow("is no version");
});

async function standard(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "rmtc-spec-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, "draft", "schemas"), { recursive: true });
  await mkdir(join(root, "registry"));
  await writeFile(join(root, "frozen.json"), '{ "versions": {} }\n');
  await writeFile(join(root, "draft", "record.md"), "# Records\n");
  await writeFile(join(root, "draft", "schemas", "record.schema.json"), "{}\n");
  await writeFile(join(root, "registry", "kinds.json"), "{}\n");
  return root;
}
