// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validateDocument } from "@rmtc/spec";
import { MemoryRunStore } from "@rmtc/store-memory";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CaseStatus,
  type ConformanceReport,
  compareReports,
  formatBadge,
  formatComparison,
  formatHtml,
  formatJunit,
  formatReport,
  parseReports,
  reportDocuments,
  runCases,
} from "../src/index.ts";
import { documentDoubles } from "./doubles/documents/document-doubles.ts";
import { makeDocuments } from "./doubles/documents/make-documents.ts";

const real = await runCases("runStore", async () => ({ store: new MemoryRunStore() }), {
  prefix: "run-store.aliases.",
  scale: 0.05,
});

/** A report whose cases ended in these statuses, with a text of the subject wherever it can have one. */
function reportOf(statuses: Readonly<Record<string, CaseStatus>>, text = "fine"): ConformanceReport {
  const cases = Object.entries(statuses).map(([id, status]) => ({
    id: `run-store.test.${id}`,
    level: id.startsWith("should") ? ("should" as const) : ("must" as const),
    spec: "run-store.md#rmtc-run-001",
    title: "behaves",
    status,
    ...(status === "pass" ? {} : { message: text }),
    durationSeconds: 0.01,
  }));
  const count = (status: CaseStatus): number => cases.filter((one) => one.status === status).length;
  return {
    ...real,
    subject: {
      name: text,
      extension: text,
      extensionVersion: text,
      contract: 1,
      capabilities: { [text]: text },
    },
    cases,
    counts: {
      pass: count("pass"),
      fail: count("fail"),
      error: count("error"),
      unsupported: count("unsupported"),
    },
  };
}

/** Reads XML as strictly as these files need it, and returns the elements; throws where it is not well formed. */
function elementsOf(xml: string): readonly string[] {
  const names: string[] = [];
  const open: string[] = [];
  const rest = xml.replace(
    /<(\/?)([\w:-]+)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>/g,
    (_, end, name, __, alone) => {
      if (end !== "") expect(open.pop()).toBe(name);
      else {
        names.push(name);
        if (alone === "") open.push(name);
      }
      return "";
    },
  );
  expect(open).toEqual([]);
  const text = rest.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>/, "");
  expect(text).not.toMatch(/<|>|&(?!(?:amp|lt|gt|quot|#39);)/);
  return names;
}

describe("a report", () => {
  test("matches its schema, of a role and of documents", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rmtc-reports-"));
    const double = documentDoubles.find(({ id }) => id === "flips-a-bit-of-a-file");
    for (const [path, bytes] of makeDocuments(double?.twist)) await writeFile(join(folder, path), bytes);
    const documents = await reportDocuments(folder);
    await rm(folder, { recursive: true });
    for (const report of [real, documents]) {
      expect(validateDocument("conformanceReport", report)).toBeUndefined();
      expect(parseReports(JSON.stringify([report]))).toEqual([report]);
    }
    expect(documents).toMatchObject({ role: "documents", conforms: false, counts: { fail: 1, error: 0 } });
    expect(documents.cases.find(({ status }) => status === "fail")?.message).toMatch(
      /^records\.ndjson#\/3\/files\/0\/digest RMTC_DIGEST_MISMATCH: /,
    );
  });

  test("is refused with a pointer where it is none", () => {
    expect(() => parseReports(JSON.stringify([real, { ...real, role: "cook" }]))).toThrow('"/1/role"');
  });

  test("calls a part of the cases no evidence", () => {
    expect(real).toMatchObject({ conforms: false, counts: { fail: 0, error: 0 } });
    expect(formatReport(real)).toContain("this is no evidence of conformance");
  });
});

describe("JUnit", () => {
  test("has one test for each case, and what became of it", () => {
    const xml = formatJunit([
      reportOf({ a: "pass", b: "fail", c: "error", d: "unsupported" }, "because\nof it"),
    ]);
    const elements = elementsOf(xml);
    expect(elements.filter((name) => name === "testcase")).toHaveLength(4);
    expect(elements.filter((name) => ["failure", "error", "skipped"].includes(name))).toEqual([
      "failure",
      "error",
      "skipped",
    ]);
    expect(xml).toContain('tests="4" failures="1" errors="1" skipped="1"');
    expect(xml).toContain(
      '<failure message="because" type="must run-store.md#rmtc-run-001">because\nof it</failure>',
    );
  });

  test("stays well formed, whatever a subject says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const names = elementsOf(formatJunit([reportOf({ a: "fail", b: "unsupported" }, text)]));
        expect(names.filter((name) => name === "testcase")).toHaveLength(2);
      }),
    );
  });
});

describe("the page", () => {
  const evil = `</pre></style><script>alert(1)</script><img src=x onerror="alert(1)">"'&\u0000\u202e`;

  test("shows what a subject says as text, and loads and runs nothing", () => {
    const good = formatHtml([reportOf({ a: "fail", b: "pass" }, "word")]);
    const html = formatHtml([reportOf({ a: "fail", b: "pass" }, evil)]);
    const tags = (text: string): readonly string[] => text.match(/<[^>]*>/g) ?? [];
    expect(tags(html)).toEqual(tags(good));
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|<link|<img|<iframe|url\(|@import|https?:/);
  });

  test("links each case to the sentence of the standard, and filters by result", () => {
    const html = formatHtml([reportOf({ a: "fail", b: "pass" })], { standardUrl: "../standard.html" });
    expect(html).toContain('href="../standard.html#rmtc-run-001"');
    for (const name of ["all", "fail", "error", "unsupported", "pass"])
      expect(html).toContain(`id="show-${name}"`);
    expect(html).toContain('data-status="fail"');
  });

  test("is a page also without a report", () => {
    expect(formatHtml([])).toContain("</html>");
  });
});

describe("the badge", () => {
  test.each([
    ["1 failed", [reportOf({ a: "fail", b: "pass" })]],
    ["partly run", [reportOf({ a: "pass" })]],
    ["runStore conforms, 1 cases", [{ ...reportOf({ a: "pass" }), conforms: true }]],
    ["2 roles conform", Array(2).fill({ ...reportOf({ a: "pass" }), conforms: true })],
    ["partly run", []],
  ])("says %s", (text, reports) => {
    const svg = formatBadge(reports);
    expect(elementsOf(svg)).toContain("title");
    expect(svg).toContain(`>${text}</text>`);
  });
});

describe("a comparison", () => {
  const before = reportOf({ a: "pass", b: "fail", c: "pass", d: "unsupported", e: "fail", should: "pass" });
  const after = reportOf({
    a: "fail",
    b: "pass",
    d: "pass",
    e: "error",
    f: "pass",
    g: "fail",
    should: "pass",
  });

  test("tells what fails and passes newly, is missing and is new", () => {
    const [comparison] = compareReports([before], [after]);
    const ids = (list: readonly { readonly id: string }[] = []) => list.map(({ id }) => id.at(-1));
    expect(ids(comparison?.newlyFailing)).toEqual(["a", "g"]);
    expect(ids(comparison?.newlyPassing)).toEqual(["b", "d"]);
    expect(ids(comparison?.missing)).toEqual(["c"]);
    expect(ids(comparison?.added)).toEqual(["f"]);
    expect(ids(comparison?.changed)).toEqual(["e"]);
    expect(comparison?.isWorse).toBe(true);
    expect(formatComparison([comparison].filter((one) => one !== undefined))).toContain(
      "newly failing: 2\n    run-store.test.a: pass to fail",
    );
  });

  test("finds no difference between a report and itself, and a lost role worse", () => {
    const same = compareReports([before], [before]);
    expect(formatComparison(same)).toBe("runStore\n  no difference\n");
    expect(same[0]?.isWorse).toBe(false);
    expect(compareReports([before], [])[0]?.isWorse).toBe(true);
  });

  test("does not call it worse that a should case fails", () => {
    const [comparison] = compareReports([reportOf({ should: "pass" })], [reportOf({ should: "fail" })]);
    expect(comparison).toMatchObject({ isWorse: false, newlyFailing: [{ before: "pass", after: "fail" }] });
  });
});

test("a text for a terminal holds no control character of a subject", () => {
  const text = formatReport(reportOf({ a: "fail" }, "\u001b]0;owned\u0007\u009b2J\u202e"));
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
});
