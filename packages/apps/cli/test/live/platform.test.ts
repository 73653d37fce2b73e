// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
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

async function judged(python: string): Promise<ReadonlyMap<string, object>> {
  const { stdout } = await runRmtc(folder, [
    ...["platform", "check", "--year", "CY2027", "--python", python, "--json"],
  ]);
  const { rows } = JSON.parse(stdout) as { rows: { component: string }[] };
  return new Map(rows.map((row) => [row.component, row]));
}
