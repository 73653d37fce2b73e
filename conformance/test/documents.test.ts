// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { c4IdOf } from "../src/documents/c4-id.ts";
import { type CheckedDocuments, checkDocuments, documentChecks } from "../src/index.ts";
import { type DocumentDouble, documentDoubles } from "./doubles/documents/document-doubles.ts";
import { makeDocuments, publicKey } from "./doubles/documents/make-documents.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "rmtc-documents-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function check(files: ReadonlyMap<string, string | Uint8Array>): Promise<CheckedDocuments> {
  const folder = await mkdtemp(join(root, "run-"));
  for (const [path, bytes] of files) await writeFile(join(folder, path), bytes);
  return await checkDocuments(folder, { publicKeys: [publicKey] });
}

function problemsOf({ files }: CheckedDocuments) {
  return files.flatMap(({ file, problems }) => problems.map((problem) => ({ file, ...problem })));
}

describe("a run over documents", () => {
  test("passes good ones, looks at them by every check, and leaves other files alone", async () => {
    const checked = await check(makeDocuments());
    expect(problemsOf(checked)).toEqual([]);
    expect(checked.files.map(({ file, type, status }) => `${file} ${type} ${status}`)).toEqual([
      "layout.json layout pass",
      "layouts.json layouts pass",
      "notes.txt other ignored",
      "plate.safetensors tensors pass",
      "records.ndjson records pass",
      "segment.jsonl segment pass",
    ]);
    expect(documentChecks.map(({ id }) => id).filter((id) => !checked.applied.has(id))).toEqual([]);
  });

  test.each(documentDoubles.map((double): [string, DocumentDouble] => [double.id, double]))(
    "catches the one that %s",
    async (_, { breaks, alsoCaughtBy = [], code, place, twist }) => {
      const problems = problemsOf(await check(makeDocuments(twist)));
      const caughtBy = new Set(problems.map((problem) => problem.check.slice("documents.".length)));
      expect([...caughtBy].sort()).toEqual([breaks, ...alsoCaughtBy].sort());
      const first = problems.find((problem) => problem.check === `documents.${breaks}`);
      expect({ code: first?.code, place: `${first?.file}#${first?.pointer}` }).toEqual({ code, place });
    },
  );

  test("has a double for each check", () => {
    const broken = new Set(documentDoubles.map(({ breaks }) => `documents.${breaks}`));
    expect(documentChecks.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
  });

  test("computes C4 IDs as SMPTE ST 2114 says", async () => {
    const path = join(root, "empty");
    await writeFile(path, "");
    expect(await c4IdOf(path)).toBe(
      "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT",
    );
  });

  test("takes what is missing for a gap", async () => {
    const files = makeDocuments();
    files.delete("plate.safetensors");
    files.delete("segment.jsonl");
    const lines = String(files.get("records.ndjson")).split("\n").slice(1);
    const checked = await check(new Map([["records.ndjson", lines.join("\n")]]));
    expect(problemsOf(checked)).toEqual([]);
    expect(checked.files[0]?.gaps.length).toBeGreaterThanOrEqual(4);
  });

  test("reads records as a list, in an object and alone", async () => {
    const lines = String(makeDocuments().get("records.ndjson")).trimEnd().split("\n");
    const files = new Map([
      ["list.json", `[${lines.slice(0, 4).join(",")}]`],
      ["object.json", `{"records":[${lines.slice(4, 8).join(",")}]}`],
      ["one.json", lines[8] ?? ""],
    ]);
    const { files: results } = await check(files);
    expect(results.map(({ type, status }) => `${type} ${status}`)).toEqual(Array(3).fill("records pass"));
  });
});

describe("documents of an enemy", () => {
  test("lead nowhere: links, pipes and loops of folders are passed over", { timeout: 10_000 }, async () => {
    const folder = await mkdtemp(join(root, "enemy-"));
    await symlink("/etc/passwd", join(folder, "record.json"));
    await mkdir(join(folder, "loop"));
    await symlink(folder, join(folder, "loop", "again"));
    spawnSync("mkfifo", [join(folder, "pipe.json")]);
    const { files } = await checkDocuments(folder);
    expect(files.map(({ file, status, message }) => `${file} ${status} ${message}`)).toEqual(
      ["loop/again", "pipe.json", "record.json"].map(
        (file) => `${file} ignored It is a link or no file, and was not followed.`,
      ),
    );
  });

  test("end in a judgement, whatever stands in them", { timeout: 60_000 }, async () => {
    const files = [...makeDocuments()];
    const damage = fc.record({
      file: fc.nat(files.length - 1),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(40),
      bytes: fc.uint8Array({ maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ file, at, length, bytes }) => {
        const [path = "", good = ""] = files[file] ?? [];
        const old = Buffer.from(good as string);
        const place = Math.floor(at * old.length);
        const damaged = Buffer.concat([old.subarray(0, place), bytes, old.subarray(place + length)]);
        const { files: results } = await check(new Map([...files, [path, damaged]]));
        for (const { status } of results) expect(["pass", "fail", "error", "ignored"]).toContain(status);
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    ["deep.json", `{"specVersion":${"[".repeat(1_000_000)}`, "fail"],
    ["deep.jsonl", `{"item":${"[".repeat(500_000)}\n`, "fail"],
    ["long.jsonl", `{"leaf":"${"a".repeat(2_000_000)}"}\n`, "error"],
    ["proto.json", '{"specVersion":"0.1","id":"x","kind":"y","__proto__":{"links":[]}}', "fail"],
    ["layouts.json", '{"__proto__":{"dtype":"F32","shape":[1],"axes":[]}}', "fail"],
    ["empty.safetensors", "", "fail"],
    ["huge.safetensors", "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f{}", "fail"],
  ])("%s is refused", async (path, text, status) => {
    const { files } = await check(new Map([[path, text]]));
    expect(files[0]).toMatchObject({ status });
  });

  test("are refused where there is no folder", async () => {
    await expect(checkDocuments(join(root, "nowhere"))).rejects.toMatchObject({ code: "RMTC_NOT_FOUND" });
  });
});
