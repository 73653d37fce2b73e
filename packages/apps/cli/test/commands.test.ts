// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFrames } from "./fixtures/frames.ts";
import { mask } from "./fixtures/mask.ts";
import { runJson, runRmtc } from "./fixtures/run-rmtc.ts";

interface Found {
  readonly records: readonly { readonly id: string; readonly kind: string; readonly name?: string }[];
}

let folder = "";
const printed = new Map<string, string>();

/** Runs a command that must succeed, and keeps what it printed. */
async function rmtc(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runRmtc(folder, args);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return mask(stdout, folder);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-commands-"));
  await writeFrames(join(folder, "plates"), "sh010", 3);
  printed.set("init", await rmtc("init", "--person", "Ada"));
  printed.set("license", await rmtc("publish", "license", "terms", "--grants", "train,infer"));
  printed.set("subject", await rmtc("publish", "subject", "hero"));
  printed.set(
    "ingest",
    await rmtc(
      ...["ingest", "plates", "--license", "terms", "--subject", "hero:1001-1002"],
      ...["--coverage", "complete", "--origin", "captured"],
    ),
  );
  printed.set(
    "dataset",
    await rmtc(
      ...["publish", "dataset", "mattes", "--sequence", "sh010", "--frames", "1001,1003"],
      ...["--input", "plate:R,G,B", "--target", "matte:matte.A"],
    ),
  );
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("for a person", () => {
  it("each step that makes something says what it made", () => {
    expect([...printed.values()].join("")).toMatchSnapshot();
  });

  it("find, show, trace and verify print tables and trees", async () => {
    const texts = await Promise.all([
      rmtc("find", "kind=asset,dataset", "--order", "name"),
      rmtc("show", "sh010.1001.exr"),
      rmtc("trace", "mattes"),
      rmtc("trace", "mattes", "--has", "hero"),
      rmtc("trace", "sh010.1003.exr", "--has", "hero"),
      rmtc("trace", "hero", "--downstream"),
      rmtc("verify"),
    ]);
    expect(texts.join("\n────\n")).toMatchSnapshot();
  });

  it("nothing is coloured where there is no terminal, and a terminal's colours go with NO_COLOR", async () => {
    const args = ["find", "kind=asset", "--limit", "1"];
    const [plain, forced, refused] = await Promise.all([
      runRmtc(folder, args),
      runRmtc(folder, args, { FORCE_COLOR: "1" }),
      runRmtc(folder, args, { NO_COLOR: "1" }),
    ]);
    expect(plain.stdout).not.toContain("\u001b[");
    expect(forced.stdout).toContain("\u001b[");
    expect(refused.stdout).not.toContain("\u001b[");
  });
});

describe("for a program, with --json", () => {
  it("find gives records and goes on from a cursor to the last", async () => {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Found & { readonly next?: string } = await runJson(folder, [
        ...["find", "kind=asset", "--order", "-asset.frameNumber", "--limit", "2"],
        ...(cursor === undefined ? [] : ["--cursor", cursor]),
      ]);
      names.push(...page.records.map(({ name = "" }) => name));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(names).toEqual(["sh010.1003.exr", "sh010.1002.exr", "sh010.1001.exr"]);
  });

  it.each([
    [["kind=asset"], 3],
    [["asset.frameNumber>=1002"], 2],
    [["asset.frameNumber=1001,1003"], 2],
    [["name^=sh010"], 3],
    [["name~1002"], 1],
    [["link.depicts=hero", "kind=asset"], 2],
    [["!name", "kind=seal"], 2],
  ])("find %j counts %i", async (terms, count) => {
    expect(await runJson(folder, ["find", ...terms, "--count"])).toMatchObject({ count });
  });

  it("show, trace and verify answer with what a program needs", async () => {
    const [shown, traced, has, verified] = await Promise.all([
      runJson<{ readonly record: { readonly id: string } }>(folder, ["show", "mattes"]),
      runJson<{ readonly nodes: readonly { readonly kind: string }[] }>(folder, ["trace", "mattes"]),
      runJson(folder, ["trace", "mattes", "--has", "hero", "--kinds", "face"]),
      runJson(folder, ["verify"]),
    ]);
    expect(shown).toMatchObject({
      record: { kind: "dataset", name: "mattes" },
      position: expect.any(Number),
    });
    expect(traced).toMatchObject({ complete: true, gaps: [], scope: ["sqlite"] });
    expect(new Set(traced.nodes.map(({ kind }) => kind))).toEqual(
      new Set(["dataset", "asset", "process", "license", "subject", "party", "environment"]),
    );
    expect(has).toMatchObject({ verdict: "present", kinds: ["face"] });
    expect(verified).toMatchObject({ problems: [], complete: true, filesVerified: 4 });
  });

  it("ingesting the same frames again gives the assets that are known", async () => {
    const before = await runJson<Found>(folder, ["find", "--limit", "1000"]);
    const again = await runJson<{ readonly assets: readonly unknown[] }>(folder, [
      ...["ingest", "plates", "--license", "terms", "--subject", "hero:1001-1002"],
      ...["--coverage", "complete", "--origin", "captured"],
    ]);
    expect(again.assets).toMatchObject(Array(3).fill({ status: "known" }));
    const after = await runJson<Found>(folder, ["find", "--limit", "1000"]);
    expect(after.records).toEqual(before.records);
  });
});

describe("completion", () => {
  it.each(["bash", "zsh", "fish"])("prints a script for %s", async (shell) => {
    const { code, stdout } = await runRmtc(folder, ["complete", shell]);
    expect(code).toBe(0);
    expect(stdout).toContain("rmtc complete --");
    expect(stdout.length).toBeGreaterThan(500);
  });

  it.each([
    [["inf"], "infer"],
    [["publish", "lic"], "license"],
    [["find", "--cou"], "--count"],
  ])("answers %j with %s", async (words, answer) => {
    const { stdout } = await runRmtc(folder, ["complete", "--", ...words]);
    expect(stdout.split("\n").map((line) => line.split("\t")[0])).toContain(answer);
  });
});
