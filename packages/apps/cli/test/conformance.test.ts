// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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

  it("tests how a command line speaks the wire protocol", async () => {
    const args = ["conformance", "--command", command, "--role", "guest", "--cases", "guest.handshake"];
    const [report] = await runJson<readonly ConformanceReport[]>(folder, args);
    expect(report).toMatchObject({ role: "guest", counts: { pass: 3, fail: 0, error: 0 } });
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

  it("writes reports by their suffix, and compares two of them", async () => {
    const paths = ["report.json", "report.xml", "report.html", "report.svg"].map((name) =>
      join(folder, name),
    );
    const run = ["conformance", "@rmtc/store-memory", ...few, "--report", ...paths];
    expect((await runRmtc(folder, run)).code).toBe(0);
    const [json = "", xml, html, svg] = await Promise.all(paths.map((path) => readFile(path, "utf8")));
    const reports = JSON.parse(json) as ConformanceReport[];
    expect(reports[0]).toMatchObject({ role: "runStore", suite: "@rmtc/conformance", conforms: false });
    expect(xml).toContain("<testsuite ");
    expect(html).toContain("<!doctype html>");
    expect(svg).toContain("<svg ");
    const [first] = reports[0]?.cases ?? [];
    const worse = reports.map((report) => ({
      ...report,
      cases: report.cases.map((one) =>
        one.id === first?.id ? { ...one, status: "fail", message: "why" } : one,
      ),
    }));
    await writeFile(join(folder, "worse.json"), JSON.stringify(worse));
    const compared = await runRmtc(folder, ["conformance", "compare", "report.json", "worse.json"]);
    expect(compared).toMatchObject({ code: 1, stdout: expect.stringContaining("newly failing: 1") });
    const same = await runRmtc(folder, ["conformance", "compare", "report.json", "report.json"]);
    expect(same).toMatchObject({ code: 0, stdout: "runStore\n  no difference\n" });
  });

  it("judges documents that somebody else wrote", async () => {
    await mkdir(join(folder, "export"));
    await writeFile(join(folder, "export", "layout.json"), '{"dtype":"F32","shape":[2],"axes":["h","w"]}');
    const args = ["conformance", "documents", "export"];
    const { code, stdout } = await runRmtc(folder, args);
    expect(code).toBe(1);
    expect(stdout).toContain("layout.json#/axes RMTC_DOCUMENT_INVALID");
    await writeFile(join(folder, "export", "layout.json"), '{"dtype":"F32","shape":[2],"axes":["h"]}');
    const [report] = await runJson<readonly ConformanceReport[]>(folder, args);
    expect(report).toMatchObject({ role: "documents", conforms: true, counts: { fail: 0, error: 0 } });
  });

  it.each([
    ["nothing to test", [], "RMTC_OPTION_INVALID"],
    ["a module and a command", ["./a.mjs", "--command", "a"], "RMTC_OPTION_INVALID"],
    ["a package that is not there", ["@nobody/nothing"], "RMTC_EXTENSION_INVALID"],
    ["a report of no known format", ["@rmtc/store-memory", "--report", "a.pdf"], "RMTC_OPTION_INVALID"],
    ["documents that are not there", ["documents", "nowhere"], "RMTC_NOT_FOUND"],
    ["a report that is not there", ["compare", "a.json", "b.json"], "RMTC_NOT_FOUND"],
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
