// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareUtf8, prefixEnd } from "../src/index.ts";

const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom("\ue000", "\uffff", "😀", "\u{10ffff}", "\ud7ff", "a"),
  ),
  maxLength: 6,
});
const bytesOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe("compareUtf8", () => {
  it("orders as the UTF-8 bytes do", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(bytesOrder(a, b));
      }),
      { numRuns: 5_000 },
    );
    expect(compareUtf8("😀", "\uffff")).toBeGreaterThan(0);
    expect("😀" < "\uffff").toBe(true);
  });
});

describe("prefixEnd", () => {
  it("bounds exactly the texts that start with the prefix", () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (prefix, other, joined) => {
        const value = joined ? prefix + other : other;
        const end = prefixEnd(prefix);
        const inRange = compareUtf8(value, prefix) >= 0 && (end === undefined || compareUtf8(value, end) < 0);
        expect(inRange).toBe(value.startsWith(prefix));
        expect(end?.isWellFormed() ?? true).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it("has no end above the last character", () => {
    expect(prefixEnd("\u{10ffff}\u{10ffff}")).toBeUndefined();
    expect(prefixEnd("a\u{10ffff}")).toBe("b");
    expect(prefixEnd("\ud7ff")).toBe("\ue000");
  });
});
