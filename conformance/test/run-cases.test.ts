// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RecordStore, RmtcError } from "@rmtc/contract";
import { MemoryRecordStore, recordStore, runStore } from "@rmtc/store-memory";
import { describe, expect, test } from "vitest";
import {
  type ConformanceCase,
  formatReport,
  runCase,
  runCases,
  type SubjectFactory,
  subjectFromExtension,
} from "../src/index.ts";
import { altered } from "./doubles/handle.ts";

const memory: SubjectFactory<RecordStore> = async () => ({ store: new MemoryRecordStore() });
const prefix = "record-store.get.";

describe("runCase", () => {
  const one: Omit<ConformanceCase<RecordStore>, "run"> = {
    id: "record-store.test.case",
    level: "must",
    spec: "record-store.md#none",
    title: "is a case",
  };

  test("passes a case that ends", async () => {
    const outcome = await runCase({ ...one, run: async () => undefined }, memory);
    expect(outcome).toMatchObject({ status: "pass" });
    expect(outcome.durationSeconds).toBeGreaterThan(0);
  });

  test("fails a case whose assertion does not hold, and one that the store answers with an error", async () => {
    const failed = await runCase({ ...one, run: async () => assert.fail("one is not two") }, memory);
    expect(failed).toMatchObject({ status: "fail", message: "one is not two" });
    const refused = await runCase(
      { ...one, run: async ({ store }) => void (await store.find({ where: [], limit: 0 })) },
      memory,
    );
    expect(refused.status).toBe("fail");
    expect(refused.message).toMatch(/^RMTC_QUERY_INVALID: /);
  });

  test("keeps a case that breaks apart from one that fails", async () => {
    const broken = await runCase(
      { ...one, run: () => Promise.reject(new TypeError("no such thing")) },
      memory,
    );
    expect(broken).toMatchObject({ status: "error", message: "no such thing" });
    const noSubject = await runCase<RecordStore>({ ...one, run: async () => undefined }, () =>
      Promise.reject(new Error("no disk")),
    );
    expect(noSubject).toMatchObject({ status: "error", message: "no disk" });
    const noReopen = await runCase({ ...one, run: async ({ reopen }) => void (await reopen()) }, memory);
    expect(noReopen.status).toBe("error");
  });

  test("ends a case that hangs", async () => {
    const hanging = await runCase({ ...one, run: () => new Promise<void>(() => undefined) }, memory, {
      timeoutSeconds: 0.05,
    });
    expect(hanging).toMatchObject({ status: "error", message: "The case did not end within 0.05 s." });
  });

  test("says when a store does not declare the ability, or cannot be damaged", async () => {
    const durable = await runCase(
      { ...one, when: (can) => can.durable, run: async () => assert.fail() },
      memory,
    );
    expect(durable.status).toBe("unsupported");
    const damage = await runCase({ ...one, needsDamage: true, run: async () => assert.fail() }, memory);
    expect(damage.status).toBe("unsupported");
  });

  test("fails a store that refuses to be closed", async () => {
    const store = altered<RecordStore>(new MemoryRecordStore(), {
      [Symbol.asyncDispose]: () => Promise.reject(new RmtcError("RMTC_STORE_BUSY", "Somebody reads.")),
    });
    const outcome = await runCase({ ...one, run: async () => undefined }, async () => ({ store }));
    expect(outcome).toMatchObject({
      status: "fail",
      message: "Closing failed: RMTC_STORE_BUSY: Somebody reads.",
    });
  });

  test("closes what was opened, then disposes, then removes its folders", async () => {
    const order: string[] = [];
    const paths: string[] = [];
    const watched = (name: string): RecordStore =>
      altered<RecordStore>(new MemoryRecordStore(), {
        [Symbol.asyncDispose]: async () => void order.push(name),
      });
    const outcome = await runCase<RecordStore>(
      {
        ...one,
        async run({ folder, open }) {
          await writeFile(join(folder, "own.txt"), "own");
          paths.push(folder);
          await open();
        },
      },
      async (folder) => {
        paths.push(folder);
        return {
          store: watched("first"),
          reopen: async () => watched("second"),
          dispose: async () => void order.push(`disposed ${paths.every((path) => existsSync(path))}`),
        };
      },
    );
    expect(outcome.status).toBe("pass");
    expect(order).toEqual(["first", "second", "disposed true"]);
    expect(new Set(paths).size).toBe(2);
    expect(paths.some((path) => existsSync(path))).toBe(false);
  });
});

describe("runCases", () => {
  test("reports what was run, with every version, and takes a part of the cases for no evidence", async () => {
    const heard: string[] = [];
    const report = await runCases("recordStore", memory, {
      prefix,
      extension: { name: "@rmtc/store-memory", version: "0.1.0" },
      onResult: ({ id }) => heard.push(id),
    });
    expect(report).toMatchObject({
      role: "recordStore",
      specVersion: "0.1",
      suite: "@rmtc/conformance",
      suiteVersion: "0.1.0",
      subject: { name: "memory", extension: "@rmtc/store-memory", extensionVersion: "0.1.0", contract: 1 },
      conforms: false,
      counts: { pass: heard.length, fail: 0, error: 0, unsupported: 0 },
    });
    expect(report.cases.map(({ id }) => id)).toEqual(heard);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("reports what fails and runs the rest", async () => {
    const report = await runCases("recordStore", broken, { prefix });
    expect(report.conforms).toBe(false);
    expect(report.counts.fail).toBeGreaterThan(0);
    expect(report.counts.pass).toBeGreaterThan(0);
    const failed = report.cases.find(({ id }) => id === "record-store.get.order");
    expect(failed).toMatchObject({
      status: "fail",
      level: "must",
      spec: expect.stringMatching(/^record-store\.md#/),
    });
    expect(failed?.message).toBeTruthy();
  });

  test("stops between cases when it is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const run = runCases("recordStore", memory, {
      prefix,
      signal: controller.signal,
      onResult: () => controller.abort(reason),
    });
    await expect(run).rejects.toBe(reason);
  });
});

describe("formatReport", () => {
  test("shows what did not pass, why, and the sums", async () => {
    const text = formatReport(await runCases("recordStore", broken, { prefix }));
    expect(text).toContain("recordStore memory, contract 1\nRMTC 0.1, suite 0.1.0, ");
    expect(text).toMatch(
      /^fail {9}must {4}record-store\.get\.order +record-store\.md#rmtc-rst-\d+ {2}answers in/m,
    );
    expect(text).toMatch(/\n\d+ pass, \d+ fail, 0 error, 0 unsupported\nIt does not conform\.\n$/);
    expect(text).not.toContain("record-store.get.whole");
  });

  test("shows every case when asked to", async () => {
    const report = await runCases("recordStore", memory, { prefix });
    expect(formatReport(report)).not.toContain("record-store.get.whole");
    expect(formatReport(report, { all: true })).toContain("pass         must    record-store.get.whole");
    expect(formatReport(report)).toContain("Nothing failed, but this is no evidence");
  });
});

describe("subjectFromExtension", () => {
  test("opens what an extension makes from its options", async () => {
    const report = await runCases("recordStore", subjectFromExtension(recordStore, {}), { prefix });
    expect(report.counts).toMatchObject({ fail: 0, error: 0 });
  });

  test("refuses options that the extension does not take", async () => {
    const factory = subjectFromExtension(runStore, { path: "runs.db" });
    await expect(factory("/nowhere")).rejects.toMatchObject({ code: "RMTC_OPTION_INVALID" });
  });
});

const broken: SubjectFactory<RecordStore> = async () => {
  const good = new MemoryRecordStore();
  const store = altered<RecordStore>(good, {
    async get(request, options) {
      const { records } = await good.get(request, options);
      return { records: records.toReversed() };
    },
  });
  return { store };
};
