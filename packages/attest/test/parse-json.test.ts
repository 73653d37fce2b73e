// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError } from "@rmtc/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../src/index.ts";
import { iJsonValue } from "./i-json-value.ts";
import { refusalOf } from "./refusal.ts";

describe("parseJson", () => {
  it("reads what JSON.parse reads, from text and from bytes, however it is spaced", () => {
    fc.assert(
      fc.property(iJsonValue, fc.constantFrom(0, 2), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseJson(text)).toEqual(JSON.parse(text));
        expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it("accepts nothing that JSON.parse refuses, and throws only its own errors", () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"',
      '"a"',
      "1",
      "-",
      "01",
      ".5",
      "e9",
      "true",
      "\\",
      " ",
      "\\u00",
      "é",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 10 }), (parts) => {
        const text = parts.join("");
        try {
          expect(parseJson(text)).toEqual(JSON.parse(text));
        } catch (error) {
          expect(isRmtcError(error, "RMTC_JSON_INVALID")).toBe(true);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("reads escapes", () => {
    expect(parseJson('"\\u00e9\\n\\/\\ud83d\\ude00"')).toBe("é\n/😀");
  });

  it("keeps a key named __proto__ without touching the prototype", () => {
    const value = parseJson('{"__proto__":{"polluted":true}}') as object;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect("polluted" in value).toBe(false);
  });

  it.each([
    ["a key that comes twice", '{"a":{"b":1,"b":2}}', "/a"],
    ["a key that comes twice in escapes", '{"a":1,"\\u0061":2}', ""],
    ["__proto__ twice", '{"__proto__":1,"__proto__":2}', ""],
    ["an integer no double holds", "[9007199254740993]", "/0"],
    ["an unsafe integer with a fraction", "9007199254740993.0", ""],
    ["an unsafe integer with an exponent", "1e20", ""],
    ["a long integer", "1000000000000000000000", ""],
    ["a number beyond the doubles", "[1e400]", "/0"],
    ["a lone surrogate", '{"a":"\\ud800"}', "/a"],
    ["a swapped pair of surrogates", '"\\ude00\\ud83d"', ""],
    ["U+0000", '"\\u0000"', ""],
    ["U+0000 in a key", '{"\\u0000":1}', ""],
    ["a noncharacter", '"\\uffff"', ""],
    ["a raw line feed in a string", '"a\nb"', ""],
    ["a string without an end", '["abc', "/0"],
    ["a byte order mark", "\ufeff1", ""],
    ["a leading zero", "01", ""],
    ["a trailing comma", "[1,]", "/1"],
    ["a comment", "/* */1", ""],
    ["NaN", "NaN", ""],
    ["two values", "1 2", ""],
    ["nothing", " ", ""],
    ["an unknown escape", '"\\x41"', ""],
    ["an escape named like a method", '"\\constructor"', ""],
    ["a short escape", '"\\u12"', ""],
  ])("refuses %s", (_, text, pointer) => {
    expect(refusalOf(() => parseJson(text))).toEqual({ code: "RMTC_JSON_INVALID", pointer });
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(refusalOf(() => parseJson(Uint8Array.of(0x22, 0xc3, 0x22))).code).toBe("RMTC_JSON_INVALID");
    expect(refusalOf(() => parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).code).toBe(
      "RMTC_JSON_INVALID",
    );
  });

  it("refuses deep nesting without running out of stack", () => {
    expect(parseJson("[".repeat(64) + "]".repeat(64))).toHaveLength(1);
    for (const text of ["[".repeat(1_000_000), '{"a":'.repeat(1_000_000)]) {
      expect(refusalOf(() => parseJson(text)).code).toBe("RMTC_JSON_INVALID");
    }
    expect(refusalOf(() => parseJson("[[1]]", { maxDepth: 1 })).pointer).toBe("/0");
  });

  it("refuses more bytes than it was told to read", () => {
    expect(parseJson('"éé"', { maxBytes: 6 })).toBe("éé");
    expect(refusalOf(() => parseJson('"éé"', { maxBytes: 5 })).code).toBe("RMTC_LIMIT_EXCEEDED");
  });
});
