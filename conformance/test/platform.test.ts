// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformChecks, reportPlatform } from "../src/index.ts";

interface YearTest {
  readonly description: string;
  readonly year: unknown;
  readonly problems: readonly { readonly demand: string; readonly pointer: string }[];
}

const spec = fileURLToPath(new URL("../../spec/", import.meta.url));
const { vfxYears, rules, tests } = JSON.parse(
  await readFile(join(spec, "draft/vectors/platform.json"), "utf8"),
) as { readonly vfxYears: readonly object[]; readonly rules: unknown; readonly tests: readonly object[] };
const years = tests.filter((one): one is YearTest => "year" in one);

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "rmtc-platform-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function editionOf(year: unknown): Promise<string> {
  const folder = await mkdtemp(join(root, "edition-"));
  await mkdir(join(folder, "vfx"));
  await writeFile(join(folder, "year.yml"), JSON.stringify(year));
  await writeFile(join(folder, "rules.yml"), JSON.stringify({ rules }));
  await writeFile(join(folder, "vfx", "vfx.yml"), JSON.stringify(vfxYears[0]));
  return folder;
}

describe("an edition of the AI platform", () => {
  test("conforms as it is published", async () => {
    const report = await reportPlatform(join(spec, "platform"));
    expect(report).toMatchObject({
      role: "platform",
      conforms: true,
      counts: { pass: platformChecks.length },
    });
  });

  test.each(years.map((one) => [one.description, one] as const))(
    "is judged by what its rows break: %s",
    async (_, { year, problems }) => {
      const { conforms, cases } = await reportPlatform(await editionOf(year));
      const failed = cases.flatMap(({ spec: place, status, message }) =>
        status === "fail"
          ? [{ demand: place.split("#")[1]?.toUpperCase(), rows: message?.match(/^year\.yml#\S*(?=:)/gm) }]
          : [],
      );
      const expected = Map.groupBy(problems, ({ demand }) => demand);
      expect(failed).toEqual(
        [...expected].map(([demand, wrong]) => ({
          demand,
          rows: wrong.map(({ pointer }) => `year.yml#${pointer}`),
        })),
      );
      expect(conforms).toBe(problems.length === 0);
    },
  );

  test("each check is failed by some year", () => {
    const demands = new Set(years.flatMap(({ problems }) => problems.map(({ demand }) => demand)));
    expect(platformChecks.map(({ spec: place }) => place.split("#")[1]?.toUpperCase())).toEqual(
      [...demands].sort(),
    );
  });

  test("inherits from the published years and keeps the published rules when it has none of its own", async () => {
    const folder = await mkdtemp(join(root, "alone-"));
    await cp(join(spec, "platform/CY2027.yml"), join(folder, "CY2027.yml"));
    expect(await reportPlatform(folder)).toMatchObject({ conforms: true });
    const text = await readFile(join(folder, "CY2027.yml"), "utf8");
    await writeFile(
      join(folder, "CY2027.yml"),
      text.replace(/(\n {2}cuda:\n(?: {4}.*\n)*? {4}version: )".*"/, '$1"11.8.x"'),
    );
    const { cases } = await reportPlatform(folder);
    expect(cases.find(({ id }) => id === "platform.rules")).toMatchObject({
      status: "fail",
      message: expect.stringContaining("CY2027.yml#/components/pytorch: "),
    });
  });

  test.each([
    ["a file that is no YAML", "a: [", "RMTC_FORMAT_INVALID"],
    ["references that would multiply", "a: &a [1]\nb: [*a, *a]", "RMTC_FORMAT_INVALID"],
    ["a file that is too long", `# ${"x".repeat(1024 * 1024)}`, "RMTC_LIMIT_EXCEEDED"],
  ])("%s is refused", async (_, text, code) => {
    const folder = await mkdtemp(join(root, "enemy-"));
    await writeFile(join(folder, "CY2030.yml"), text);
    await expect(reportPlatform(folder)).rejects.toMatchObject({ code });
  });

  test("a folder without a year is refused, and links are not followed", async () => {
    const folder = await mkdtemp(join(root, "links-"));
    await symlink(join(spec, "platform/CY2027.yml"), join(folder, "CY2027.yml"));
    await expect(reportPlatform(folder)).rejects.toMatchObject({ code: "RMTC_NOT_FOUND" });
  });
});
