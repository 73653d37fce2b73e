// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printable } from "../src/output/printable.ts";
import { runJson, runRmtc } from "./fixtures/run-rmtc.ts";

interface Report {
  readonly dryRun: boolean;
  readonly records: readonly { readonly kind: string; readonly status: string; readonly id?: string }[];
  readonly notCarried: readonly {
    readonly source: string;
    readonly why: string;
    readonly damaged: boolean;
  }[];
}

const guide = new URL("../../../../docs/guides/import-from-rmtc-python.md", import.meta.url);
let folder = "";
/** The commands and the files that the guide shows, by language and file. */
let commands: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-import-"));
  const blocks = [...(await readFile(guide, "utf8")).matchAll(/```(\w+)\n(.*?)```/gs)];
  commands = blocks
    .filter(([, language]) => language === "sh")
    .flatMap(([, , text = ""]) => text.trim().split("\n"));
  const entities = blocks.find(([, language]) => language === "json")?.[2] ?? "";
  for (const [path, content] of [
    ["python/entities.json", entities],
    ["python/mattes/2.0.0/plate.exr", "a plate"],
    ["python/weights/hero-roto-1.0.0.pth", "a pickle"],
  ] as const) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  expect((await runRmtc(folder, ["init", "--person", "Ada"])).code).toBe(0);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("rmtc import rmtc-python", () => {
  it("goes through the guide, command by command", async () => {
    expect(commands.length).toBe(4);
    const outputs: string[] = [];
    for (const command of commands) {
      const { code, stdout, stderr } = await runRmtc(folder, command.split(" ").slice(1));
      expect(stderr, command).toBe("");
      expect(code, command).toBe(0);
      outputs.push(stdout);
    }
    expect(outputs[0]).toContain("3 records would be put, 0 known already.");
    expect(outputs[1]).toContain("3 records put, 0 known already.");
    expect(outputs[1]).toContain("Run training: a run record needs seed");
    expect(outputs[2]).toContain("present");
    expect(outputs[3]).toContain("0 records put, 3 known already.");
  }, 60_000);

  it("answers a program with every record and everything that was lost", async () => {
    const report = await runJson<Report>(folder, ["import", "rmtc-python", "python", "--dry-run"]);
    expect(report.dryRun).toBe(true);
    expect(report.records.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      "license known",
      "asset known",
      "weights known",
    ]);
    expect(report.notCarried.map(({ source }) => source)).toContain("Run training");
  });

  it("exits with 1 where something cannot be read, and takes the rest", async () => {
    await writeFile(join(folder, "python", "torn.json"), '[{"_type_name"');
    const report = await runJson<Report>(folder, ["import", "rmtc-python", "python"], 1);
    expect(report.records).toHaveLength(3);
    expect(report.notCarried.filter(({ damaged }) => damaged).map(({ source }) => source)).toEqual([
      "torn.json",
    ]);
    await rm(join(folder, "python", "torn.json"));
  });

  it("says which folder is not there", async () => {
    const { code, stderr } = await runRmtc(folder, ["import", "rmtc-python", "nowhere"]);
    expect(code).toBe(1);
    expect(stderr).toContain("nowhere does not exist");
  });
});

it("shows what a terminal would obey", () => {
  expect(printable("a\u001b[2Jb\u202ec\n")).toBe("a\\u{1b}[2Jb\\u{202e}c\\u{a}");
});
