// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { GraphBuilder, onnxToBytes } from "@rmtc/onnx";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeProduction } from "../fixtures/production.ts";
import { runRmtc } from "../fixtures/run-rmtc.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-platform-live-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("finds Debian's PyTorch and NumPy too old, as its Python is, and none of them by an import", async () => {
  const rows = await judged("/usr/bin/python3");
  for (const component of ["pytorch", "numpy", "python"]) {
    expect(rows.get(component)).toMatchObject({
      verdict: "too old",
      remedy: expect.stringContaining("install"),
    });
  }
  expect(rows.get("glibc")).toMatchObject({ verdict: "fits" });
});

it("finds the newest ONNX Runtime in a fresh environment newer than the year", async () => {
  await promisify(execFile)("/usr/bin/python3", ["-m", "venv", join(folder, "venv")]);
  const python = join(folder, "venv", "bin", "python");
  await promisify(execFile)(python, ["-m", "pip", "install", "--quiet", "onnxruntime>1.28,<2"]);
  const rows = await judged(python);
  expect(rows.get("onnxruntime")).toMatchObject({
    verdict: "too new",
    remedy: "pip install 'onnxruntime==1.28.*'",
  });
  expect(rows.get("pytorch")).toMatchObject({ verdict: "missing" });
});

it("goes through the guide, command by command", async () => {
  const guide = new URL("../../../../../docs/guides/check-your-platform.md", import.meta.url);
  const blocks = [...(await readFile(guide, "utf8")).matchAll(/```sh\n(.*?)```/gs)];
  const commands = blocks.flatMap(([, text = ""]) => text.trim().split("\n"));
  await makeProduction(join(folder, "show"));
  await writeFile(join(folder, "show", "requirements.txt"), "torch==2.10.0\n");
  await writeFile(
    join(folder, "show", "network.onnx"),
    onnxToBytes(new GraphBuilder({ opset: 21 }).finish()),
  );
  await cp(new URL("../../../../../spec/platform", import.meta.url), join(folder, "show", "editions"), {
    recursive: true,
  });
  let name = "";
  for (const command of commands) {
    const words = command.replace("<name>", name).split(" ").slice(1);
    const { code, stdout, stderr } = await runRmtc(join(folder, "show"), words);
    expect([command, stderr]).toEqual([command, ""]);
    expect([0, words[1] === "check" ? 1 : 0], command).toContain(code);
    name = /environment-\w+/.exec(stdout)?.[0] ?? name;
  }
  expect(name).not.toBe("");
});

async function judged(python: string): Promise<ReadonlyMap<string, object>> {
  const { stdout } = await runRmtc(folder, [
    ...["platform", "check", "--year", "CY2027", "--python", python, "--json"],
  ]);
  const { rows } = JSON.parse(stdout) as { rows: { component: string }[] };
  return new Map(rows.map((row) => [row.component, row]));
}
