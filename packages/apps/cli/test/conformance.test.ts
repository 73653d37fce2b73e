// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConformanceReport } from "@rmtc/conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runJson, runRmtc } from "./fixtures/run-rmtc.ts";

const guest = fileURLToPath(new URL("../../../wire/test/fixtures/serve-stores.ts", import.meta.url));
const command = `"${process.execPath}" --conditions=@rmtc/source "${guest}"`;
const few = ["--role", "runStore", "--cases", "run-store.aliases", "--scale", "0.05"];

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-conformance-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("rmtc conformance", () => {
  it("tests a package, and takes a part of the cases for no evidence", async () => {
    const { code, stdout } = await runRmtc(folder, ["conformance", "@rmtc/store-memory", ...few, "--all"]);
    expect(code).toBe(0);
    expect(stdout).toContain("runStore memory (@rmtc/store-memory 0.1.0), contract 1");
    expect(stdout).toMatch(/pass +must +run-store\.aliases\./);
    expect(stdout).toContain("Nothing failed");
  });

  it("tests a command line the same way", async () => {
    const [report] = await runJson<readonly ConformanceReport[]>(folder, [
      "conformance",
      "--command",
      command,
      ...few,
    ]);
    expect(report?.counts).toMatchObject({ fail: 0, error: 0 });
    expect(report?.counts.pass).toBeGreaterThan(3);
    expect(report?.subject).toMatchObject({ name: "memory", extension: "@rmtc/store-memory" });
  });

  it("exits with 1 and says why when a module does not conform", async () => {
    const path = join(folder, "broken.mjs");
    await writeFile(
      path,
      `const open = async () => ({ name: "broken", capabilities: {}, setAlias: async () => undefined, [Symbol.asyncDispose]: async () => undefined });
       const options = { "~standard": { validate: (value) => ({ value }) } };
       export default { role: "runStore", name: "broken", version: "1.0.0", contract: 1, options, open };`,
    );
    const { code, stdout } = await runRmtc(folder, ["conformance", "./broken.mjs", ...few]);
    expect(code).toBe(1);
    expect(stdout).toContain("It does not conform.");
  });

  it.each([
    ["nothing to test", [], "RMTC_OPTION_INVALID"],
    ["a module and a command", ["./a.mjs", "--command", "a"], "RMTC_OPTION_INVALID"],
    ["a package that is not there", ["@nobody/nothing"], "RMTC_EXTENSION_INVALID"],
    ["a role that is not served", ["@rmtc/store-memory", "--role", "trainer"], "RMTC_EXTENSION_INVALID"],
    ["a program that is not there", ["--command", "./no-such-program"], "RMTC_PROCESS_FAILED"],
    ["a scale that is none", ["@rmtc/store-memory", "--scale", "2"], "RMTC_OPTION_INVALID"],
    ["a fixture that is none", ["@rmtc/store-memory", "--fixture", "none.json"], "RMTC_OPTION_INVALID"],
  ])("refuses %s", async (_, args, error) => {
    const { code, stderr } = await runRmtc(folder, ["conformance", ...args]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(error);
  });
});
