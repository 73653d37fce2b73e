// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { Workspace } from "@rmtc/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completeLine } from "../src/shell/complete-line.ts";
import { Shell } from "../src/shell/shell.ts";
import { openWorkspace } from "./fixtures/open-workspace.ts";
import { runJson, runRmtc } from "./fixtures/run-rmtc.ts";

let folder = "";
let workspace: Workspace;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-shell-"));
  for (const args of [
    ["init", "--person", "Ada"],
    ["publish", "license", "terms", "--grants", "train"],
    ["publish", "subject", "hero a"],
    ["publish", "subject", "hero-b"],
  ]) {
    const { code, stderr } = await runRmtc(folder, args);
    if (code !== 0) throw new Error(stderr);
  }
  workspace = await openWorkspace(folder);
}, 60_000);
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Types lines into a shell, and returns what it answers: what stands behind each line typed, without the prompts. */
async function typed(...lines: readonly string[]): Promise<string> {
  const input = new PassThrough();
  const output = new PassThrough({ encoding: "utf8" });
  let answer = "";
  const answers: string[] = [];
  const shell = new Shell(workspace, { input, output });
  output.on("data", (text: string) => (answer += stripVTControlCharacters(text).replaceAll("\r", "")));
  const prompted = async (): Promise<void> => {
    while (!/(^|\n)(rmtc> |\| )$/.test(answer)) await once(output, "data");
  };
  await prompted();
  for (const line of lines) {
    answer = "";
    input.write(`${line}\n`);
    await prompted();
    answers.push(answer.slice(answer.indexOf("\n") + 1, answer.lastIndexOf("\n") + 1));
  }
  const left = shell.whenLeft();
  input.write(".exit\n");
  await left;
  return answers.join("");
}

describe("a line", () => {
  it("that asks is answered by a table, a record, a tree or a verdict", async () => {
    expect(await typed('find("kind=subject order:name")')).toMatch(/kind +name[\s\S]*hero a[\s\S]*hero-b/);
    expect(await typed('show("terms")')).toMatch(/^license terms/);
    expect(await typed('trace("terms")')).toMatch(/^license terms[\s\S]*(complete|not complete) in sqlite/);
    expect(await typed('impact("hero-b")')).toMatch(/subject +hero-b/);
    expect(await typed('has("terms", "hero-b")')).toContain("What a license has seen cannot be answered");
    expect(await typed("help()")).toContain("Tab completes");
  });

  it("is plain TypeScript on the same values", async () => {
    const lines = [
      'const found = await find("kind=subject")',
      "const many: number = found.length",
      "many",
      'const names: string[] = []; for (const one of found) names.push((await one.fetch("name")) ?? "")',
      "names.sort().join()",
      '(await entity("hero-b")).fetch("name")',
      "(await find(new Query().and('kind', 'eq', 'license'))).map(({ id }) => id.length)",
      'count("kind=subject")',
    ];
    expect(await typed(...lines)).toBe("2\n'hero a,hero-b'\n'hero-b'\n[ 45 ]\n2\n");
  });

  it("may go on over several", async () => {
    expect(await typed("function twice(n: number) {", "  return 2 * n;", "}", "twice(21)")).toMatch(/42\n$/);
  });

  it("that is wrong says what to do, and the shell goes on", async () => {
    const written = await typed('find("nam=x")', 'show("nobody")', "1 + 1");
    expect(written).toContain('Character 1: there is no field "nam"; did you mean name');
    expect(written).toContain('No record "nobody" in this workspace');
    expect(written).not.toContain("    at ");
    expect(written.endsWith("2\n")).toBe(true);
  });
});

describe("completion", () => {
  it.each([
    ['find("ki', [["kind"], "ki"]],
    ['find("kind=subject ver', [["version"], "ver"]],
    ['count("!dataset', [["dataset.itemCount"], "dataset"]],
    ['find("kind=li', [["license"], "li"]],
    ['find("kind=license,sub', [["subject"], "sub"]],
    ['find("link.trainedO', [["link.trainedOn"], "link.trainedO"]],
    ['find("order:-cr', [["created"], "cr"]],
    ['find("name=hero', [['"hero a"', "hero-b"], "hero"]],
    ['show("hero', [["hero a", "hero-b"], "hero"]],
    ["has('terms', 'hero-", [["hero-b"], "hero-"]],
    ['trace("nobody', [[], "nobody"]],
    ['(await entity("x")).linked("trained', [["trainedOn"], "trained"]],
  ])("of %s knows fields, kinds, relations and the names that are there", async (line, expected) => {
    expect(await completeLine(workspace.records, line)).toEqual(expected);
  });

  it.each(["1 + fin", 'find("kind=asset").', 'show("terms"); tra'])("of %s is left to Node", async (line) => {
    expect(await completeLine(workspace.records, line)).toBeUndefined();
  });
});

describe("rmtc shell -e", () => {
  it("prints the answer and ends", async () => {
    const { code, stdout, stderr } = await runRmtc(folder, ["shell", "-e", 'find("kind=license")']);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("terms");
    expect(await runJson(folder, ["shell", "-e", 'count("kind=subject")'])).toBe(2);
  });

  it("reads what comes through a pipe", async () => {
    const text = 'const all = await find("kind=subject");\nreturn all.length + 40;\n';
    expect(await runRmtc(folder, ["shell"], {}, text)).toEqual({ code: 0, stdout: "42\n", stderr: "" });
  });

  it("asks a store that lies in no workspace", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "rmtc-shell-"));
    const store = `sqlite:${join(folder, ".rmtc/catalog.db")}`;
    try {
      expect(await runJson(elsewhere, ["shell", "--store", store, "-e", 'count("kind=subject")'])).toBe(2);
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  it("ends with 1 and no stack when there is no such record, and with the place of a mistake", async () => {
    const missing = await runRmtc(folder, ["shell", "-e", 'show("nobody")']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^RMTC_NOT_FOUND No record "nobody"/);
    const mistake = await runRmtc(folder, ["shell", "-e", "nothing.at.all"]);
    expect(mistake.code).not.toBe(0);
    expect(mistake.stderr).toContain("nothing is not defined");
    expect(mistake.stderr).not.toContain("bug in rmtc");
  });
});

describe("a handle", () => {
  it("shows its id before anything of it is loaded", async () => {
    expect(await typed('entity("terms")')).toMatch(/^Entity \{\s*id: 'urn:uuid:/);
  });
});
