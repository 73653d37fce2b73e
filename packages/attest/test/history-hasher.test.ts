// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { MetricValue } from "@rmtc/contract";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HistoryHasher, sha256 } from "../src/index.ts";
import { refusalOf } from "./refusal.ts";

const values = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => Math.fround(value / 1e280)),
  fc.constantFrom<MetricValue>("NaN", "Infinity", "-Infinity"),
);
const points = fc
  .array(
    fc.record({
      key: fc.constantFrom("loss", "loss/a", "😀", "\ufb33", "é"),
      step: fc.nat(50),
      value: values,
    }),
  )
  .map((list) =>
    list.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) || a.step - b.step),
  );

describe("HistoryHasher", () => {
  it("hashes one canonical line per point", () => {
    fc.assert(
      fc.property(points, (list) => {
        const hasher = new HistoryHasher();
        for (const point of list) hasher.add(point);
        const lines = list.map(({ key, step, value }) => `${canonicalize([key, step, value])}\n`);
        expect(hasher.digest()).toBe(sha256(lines.join("")));
        expect(hasher.count).toBe(list.length);
      }),
    );
  });

  it("goes on after a digest was asked for, over more points than one batch of text holds", () => {
    const hasher = new HistoryHasher();
    const lines: string[] = [];
    for (let step = 0; step < 10_000; step++) {
      if (step === 5_000) expect(hasher.digest()).toBe(sha256(lines.join("")));
      hasher.add({ key: "loss", step, value: step / 7 });
      lines.push(`["loss",${step},${step / 7}]\n`);
    }
    expect(hasher.digest()).toBe(sha256(lines.join("")));
  });

  it.each<[string, string, number, unknown]>([
    ["a key before the last one", "a", 9, 1],
    ["a key before the last one in UTF-8 that is after it in UTF-16", "\ufb33", 9, 1],
    ["a step before the last one", "😀", 1, 1],
    ["a negative step", "😀", -1, 1],
    ["a step with a fraction", "😀", 2.5, 1],
    ["NaN as a number", "😀", 3, Number.NaN],
    ["a value in words", "😀", 3, "high"],
  ])("refuses %s", (_, key, step, value) => {
    const hasher = new HistoryHasher();
    hasher.add({ key: "😀", step: 2, value: 1 });
    expect(refusalOf(() => hasher.add({ key, step, value: value as MetricValue })).code).toBe(
      "RMTC_VALUE_INVALID",
    );
    expect(hasher.digest()).toBe(sha256('["😀",2,1]\n'));
  });
});
