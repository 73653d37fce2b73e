// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, parseJson } from "../src/index.ts";
import { iJsonValue } from "./i-json-value.ts";
import { refusalOf } from "./refusal.ts";

describe("canonicalJson", () => {
  it("writes what the reference library writes", () => {
    fc.assert(
      fc.property(iJsonValue, (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it("writes what reads back as the same value and writes again as the same text", () => {
    fc.assert(
      fc.property(iJsonValue, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(parseJson(text))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it("writes the numbers of RFC 8785, appendix B", () => {
    const samples: readonly [string, string][] = [
      ["0000000000000000", "0"],
      ["8000000000000000", "0"],
      ["0000000000000001", "5e-324"],
      ["7fefffffffffffff", "1.7976931348623157e+308"],
      ["433fffffffffffff", "9007199254740991"],
      ["44b52d02c7e14af6", "1e+23"],
      ["444b1ae4d6e2ef50", "1e+21"],
      ["3eb0c6f7a0b5ed8d", "0.000001"],
      ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
      ["41b3de4355555555", "333333333.3333333"],
      ["becbf647612f3696", "-0.0000033333333333333333"],
    ];
    for (const [hex, text] of samples) {
      expect(canonicalJson(Buffer.from(hex, "hex").readDoubleBE())).toBe(text);
    }
  });

  it("orders keys by UTF-16 code units, as RFC 8785 §3.2.3 shows", () => {
    const keys = ["€", "\r", "\ufb33", "1", "😀", "\u0080", "ö"];
    const object = Object.fromEntries(keys.map((key) => [key, 1]));
    expect(Object.keys(JSON.parse(canonicalJson(object)))).toEqual([
      "1",
      "\r",
      "\u0080",
      "ö",
      "€",
      "😀",
      "\ufb33",
    ]);
  });

  it.each<[string, unknown, string]>([
    ["NaN", { a: [1, Number.NaN] }, "/a/1"],
    ["infinity", [Number.POSITIVE_INFINITY], "/0"],
    ["an integer beyond 2^53-1", { n: 2 ** 53 }, "/n"],
    ["an integer below 10^21 that no reader keeps", -1e20, ""],
    ["U+0000 in a text", { a: "x\0" }, "/a"],
    ["U+0000 in a key", { "a\0": 1 }, "/a\0"],
    ["a lone surrogate", ["\ud800"], "/0"],
    ["a noncharacter", ["\ufffe"], "/0"],
    ["undefined", { a: undefined }, "/a"],
    ["a hole in an array", new Array(1), "/0"],
    ["a big integer", { a: 1n }, "/a"],
    ["a date", { at: new Date(0) }, "/at"],
    ["a map", { m: new Map() }, "/m"],
    ["a function", { "a/b~c": () => 1 }, "/a~1b~0c"],
  ])("refuses %s", (_, value, pointer) => {
    expect(refusalOf(() => canonicalJson(value))).toEqual({ code: "RMTC_JSON_INVALID", pointer });
  });

  it("takes 64 levels and refuses 65, and so a value that holds itself", () => {
    const nested = (levels: number): unknown => {
      let value: unknown = 1;
      for (let level = 0; level < levels; level++) value = [value];
      return value;
    };
    expect(canonicalJson(nested(64))).toHaveLength(129);
    expect(refusalOf(() => canonicalJson(nested(65))).code).toBe("RMTC_JSON_INVALID");
    const ring: { self?: unknown } = {};
    ring.self = ring;
    expect(refusalOf(() => canonicalJson(ring)).code).toBe("RMTC_JSON_INVALID");
  });

  it("puts the given pointer before the place of an error", () => {
    expect(refusalOf(() => canonicalJson([Number.NaN], "/body")).pointer).toBe("/body/0");
  });

  it("keeps an own key named __proto__", () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}');
  });
});
