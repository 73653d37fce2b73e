// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GraphBuilder, onnxToBytes } from "@rmtc/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProduction } from "./fixtures/production.ts";
import { runJson, runRmtc } from "./fixtures/run-rmtc.ts";

interface Row {
  readonly component: string;
  readonly found?: string;
  readonly verdict: string;
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-platform-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("rmtc platform", () => {
  it("judges the pins of a requirements file, and exits with 1 when one is wrong", async () => {
    await writeFile(join(folder, "good.txt"), "torch==2.10.1\n");
    await writeFile(join(folder, "bad.txt"), "torch==2.14.1\nnumpy>=2\n");
    const good = await runRmtc(folder, [
      "platform",
      "check",
      "--year",
      "CY2026",
      "--requirements",
      "good.txt",
    ]);
    expect(good).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/pytorch +2\.10\.x +2\.10\.1 +fits/),
    });
    const bad = await runRmtc(folder, ["platform", "check", "--year", "CY2026", "--requirements", "bad.txt"]);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/too new +pip install 'torch==2\.10\.\*'/);
    expect(bad.stdout).toContain("numpy>=2 pins no version");
  });

  it("judges what an ONNX file needs, which may be less than the year has but not more", async () => {
    await writeFile(join(folder, "old.onnx"), onnxToBytes(new GraphBuilder({ opset: 21 }).finish()));
    await writeFile(join(folder, "new.onnx"), onnxToBytes(new GraphBuilder({ opset: 26 }).finish()));
    const old = await runRmtc(folder, ["platform", "check", "--year", "CY2026", "--model", "old.onnx"]);
    expect(old).toMatchObject({ code: 0, stdout: expect.stringMatching(/onnx-opset +≥ 25 +21 +fits/) });
    const newer = await runRmtc(folder, ["platform", "check", "--year", "CY2026", "--model", "new.onnx"]);
    expect(newer).toMatchObject({ code: 1, stdout: expect.stringMatching(/26 +too new +export it for/) });
  });

  it("judges an environment record", async () => {
    const workspace = join(folder, "show");
    await makeProduction(workspace);
    const { records } = await runJson<{ records: { id: string }[] }>(workspace, ["find", "kind=environment"]);
    const environment = records[0]?.id ?? "";
    const { code, stdout } = await runRmtc(workspace, [
      ...["platform", "check", "--environment", environment, "--json"],
    ]);
    const { rows } = JSON.parse(stdout) as { rows: Row[] };
    expect([0, 1]).toContain(code);
    expect(rows.find(({ component }) => component === "pytorch")).toMatchObject({ verdict: "missing" });
  });

  it("shows a year with what it inherits, and what changes between two", async () => {
    const { rows } = await runJson<{ rows: { component: string; group: string }[] }>(folder, [
      ...["platform", "show", "CY2026"],
    ]);
    expect(rows).toContainEqual(expect.objectContaining({ component: "cuda", group: "accelerator" }));
    expect(rows).toContainEqual(expect.objectContaining({ component: "python", group: "vfx" }));
    const { changes } = await runJson<{ changes: object[] }>(folder, [
      "platform",
      "diff",
      "CY2026",
      "CY2027",
    ]);
    expect(changes).toContainEqual({ component: "pytorch", from: "2.10.x", to: "2.14.x" });
    expect(changes).not.toContainEqual(expect.objectContaining({ component: "python" }));
  });

  it("names the years that there are when asked for another", async () => {
    const { code, stderr } = await runRmtc(folder, ["platform", "show", "CY1999"]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("there are CY2026, CY2027");
  });
});
