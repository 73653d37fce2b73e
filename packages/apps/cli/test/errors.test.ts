// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RmtcErrorDocument } from "@rmtc/contract";
import { ingest, linkTo, publishDataset, publishRecord, type Workspace } from "@rmtc/core";
import { errorTable } from "@rmtc/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFrame, writeFrames } from "./fixtures/frames.ts";
import { openWorkspace } from "./fixtures/open-workspace.ts";
import { makeProduction } from "./fixtures/production.ts";
import { runJson, runRmtc } from "./fixtures/run-rmtc.ts";

let folder = "";
let workspace: Workspace;
let before: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-errors-"));
  await makeProduction(folder);
  workspace = await openWorkspace(folder);
  await prepareWrongInputs();
  before = await listing();
}, 60_000);
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function prepareWrongInputs(): Promise<void> {
  const place = (name: string): string => join(folder, "wrong", name);
  for (const name of ["cut", "nan", "sizes", "mattes", "closed", "unlicensed"])
    await mkdir(place(name), { recursive: true });
  const whole = await readFile(join(folder, "plates", "sh010.1001.exr"));
  await writeFile(place("cut/a.1.exr"), whole.subarray(0, whole.length >> 1));
  await writeFrame(place("nan/a.1.exr"), 1);
  await writeFrame(place("nan/a.2.exr"), 2, { bad: Number.NaN });
  await writeFrame(place("sizes/a.1.exr"), 1);
  await writeFrame(place("sizes/a.2.exr"), 2, { width: 18 });
  await writeFile(place("key.pem"), "no key");
  await writeFrames(place("mattes"), "small", 1, { width: 8, height: 8 });
  await writeFrames(place("unlicensed"), "bare", 1);
  await writeFrames(place("closed"), "closed", 1);
  const closed = await publishRecord(workspace, {
    kind: "license",
    name: "closed",
    body: { grants: ["infer"], finish: "2020-01-01T00:00:00.000Z" },
  });
  await ingest(workspace, { input: place("mattes"), licenses: [] });
  const bare = await ingest(workspace, { input: place("unlicensed"), licenses: [] });
  const dated = await ingest(workspace, { input: place("closed"), licenses: [closed] });
  await writeFile(place("outside.onnx"), "a network from elsewhere");
  await publishRecord(workspace, {
    kind: "weights",
    name: "outside",
    links: [linkTo("licensedUnder", closed)],
    body: { format: "onnx" },
    files: [place("outside.onnx")],
  });
  for (const [name, [asset]] of [
    ["bare-set", bare],
    ["closed-set", dated],
  ] as const) {
    const [stored] = (await workspace.records.get({ ids: [asset?.reference.id ?? ""] })).records;
    if (!stored) throw new Error(`No asset for ${name}.`);
    await publishDataset(workspace, {
      name,
      slots: [
        { name: "plate", role: "input", channels: ["R", "G", "B"] },
        { name: "matte", role: "target", channels: ["matte.A"] },
      ],
      items: [{ key: name, split: "train", slots: { plate: stored, matte: stored } }],
    });
  }
}

const dataset = ["publish", "dataset", "d", "--input", "plate:R,G,B"];
const train = ["train", "t", "--model", "net", "--steps", "2"];

const cases: readonly (readonly [string, readonly string[], string, RegExp])[] = [
  ["a wrong folder", ["ingest", "nowhere", "-l", "terms"], "RMTC_NOT_FOUND", /nowhere does not exist/],
  ["a folder without images", ["ingest", "wrong", "-l", "terms"], "RMTC_NOT_FOUND", /No EXR or PNG image/],
  ["a truncated EXR", ["ingest", "wrong/cut", "-l", "terms"], "RMTC_FORMAT_INVALID", /cut\/a\.1\.exr/],
  [
    "a NaN in a plate",
    ["ingest", "wrong/nan", "-l", "terms"],
    "RMTC_VALUE_INVALID",
    /a\.2\.exr: channel \w+ holds NaN at x \d+, y \d+/,
  ],
  ["frames of two sizes", ["ingest", "wrong/sizes", "-l", "terms"], "RMTC_LAYOUT_MISMATCH", /18x16.*16x16/],
  [
    "a matte of another size",
    [...dataset, "--sequence", "sh010", "--frames", "1001", "--target", "matte:matte.A@small"],
    "RMTC_LAYOUT_MISMATCH",
    /8x8.*16x16/,
  ],
  [
    "a channel that is not there",
    [...dataset, "--sequence", "sh010", "--frames", "1001", "--target", "matte:alpha"],
    "RMTC_LAYOUT_MISMATCH",
    /no channel alpha/,
  ],
  [
    "a frame that is not there",
    [...dataset, "--sequence", "sh010", "--frames", "1001,2000", "--target", "matte:matte.A"],
    "RMTC_NOT_FOUND",
    /no frame 2000/,
  ],
  [
    "a license that is not there",
    ["ingest", "plates", "-l", "nosuch"],
    "RMTC_NOT_FOUND",
    /No license "nosuch"/,
  ],
  [
    "a plate without a license",
    [...train, "--dataset", "bare-set"],
    "RMTC_RIGHTS_DENIED",
    /links no license/,
  ],
  [
    "a license that does not grant",
    [...train, "--dataset", "closed-set"],
    "RMTC_RIGHTS_DENIED",
    /license closed .* does not grant "train"/,
  ],
  [
    "a license that has ended",
    ["infer", "outside", "--plates", "closed"],
    "RMTC_RIGHTS_DENIED",
    /license closed .* ended at 2020-01-01/,
  ],
  [
    "a hyper-parameter out of range",
    [...train, "--dataset", "mattes", "--set", "learningRate=-1"],
    "RMTC_OPTION_INVALID",
    /learningRate/,
  ],
  ["an unknown architecture", ["publish", "model", "m", "-a", "nosuch"], "RMTC_OPTION_INVALID", /nosuch/],
  [
    "weights whose file is not there",
    ["publish", "weights", "w", "nosuch.onnx"],
    "RMTC_NOT_FOUND",
    /nosuch\.onnx/,
  ],
  [
    "a key file that is not there",
    ["publish", "notice", "--fact", "sameAs", "--about", "hero", "--subject", "hero", "--key", "nosuch.pem"],
    "RMTC_NOT_FOUND",
    /nosuch\.pem/,
  ],
  [
    "a file that is no key",
    [
      "publish",
      "notice",
      "--fact",
      "sameAs",
      "--about",
      "hero",
      "--subject",
      "hero",
      "--key",
      "wrong/key.pem",
    ],
    "RMTC_OPTION_INVALID",
    /private key/,
  ],
  ["a second init", ["init", "."], "RMTC_STATE_INVALID", /is a workspace already/],
  ["a checkout into a file", ["checkout", "sh010", "--to", "wrong/key.pem"], "RMTC_PATH_INVALID", /key\.pem/],
  ["a limit out of range", ["find", "--limit", "0"], "RMTC_OPTION_INVALID", /--limit/],
  ["a folder outside of any workspace", ["find", "--workspace", "/"], "RMTC_NOT_FOUND", /rmtc init/],
];

describe.concurrent("one clear error, with its code and remedy, and the workspace as it was, after", () => {
  it.each(cases)("%s", async (_, args, code, message) => {
    const { code: exitCode, stdout, stderr } = await runRmtc(folder, args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    const lines = stderr.trimEnd().split("\n");
    expect(lines[0]).toMatch(new RegExp(`^${code} `));
    expect(stderr).toMatch(message);
    expect(lines.at(-1)).toBe(errorTable.find((row) => row.code === code)?.remedy);
    expect(await listing()).toEqual(before);
  });

  it.each(["a wrong folder", "a NaN in a plate", "a plate without a license"])(
    "%s, for a program as one line of JSON",
    async (title) => {
      const [, args = [], code, message] = cases.find(([name]) => name === title) ?? [];
      const { error } = await runJson<{ readonly error: RmtcErrorDocument }>(folder, args, 1);
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message ?? "");
      if (code === "RMTC_RIGHTS_DENIED")
        expect(error.reasons).toContainEqual(expect.stringMatching(/links no license/));
      expect(await listing()).toEqual(before);
    },
  );
});

describe.concurrent("a command line that cannot be read", () => {
  it.each([
    [["nosuch"], "unknown command 'nosuch'"],
    [["find", "--nosuch"], "unknown option '--nosuch'"],
    [["train", "t"], "required option"],
    [["ingest", "plates", "--origin", "stolen"], "Allowed choices are captured, handmade"],
    [["find", "nam=hero"], "nam=hero\n  ^"],
    [["find", "kind=asset", "asset.frameNumber>=x"], `asset.frameNumber>=x\n  ${" ".repeat(19)}^`],
  ])("%j is refused with exit code 1", async (args, message) => {
    const { code, stdout, stderr } = await runRmtc(folder, args);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
  });
});

/** Every id with its digest. */
async function listing(): Promise<readonly string[]> {
  const { records } = await workspace.records.find({ where: [], limit: 1000 });
  return records.map(({ record, digest }) => `${record.kind} ${record.id} ${digest}`);
}
