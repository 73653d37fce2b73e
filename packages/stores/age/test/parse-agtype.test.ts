// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseAgtype } from "../src/parse-agtype.ts";

test("reads back every JSON value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const expected = JSON.parse(JSON.stringify(value), (_, inner: unknown) => {
        const isUnsafe = /^-?[0-9]+$/.test(JSON.stringify(inner)) && !Number.isSafeInteger(inner);
        return isUnsafe ? JSON.stringify(inner) : inner;
      });
      expect(parseAgtype(JSON.stringify(value))).toEqual(expected);
      expect(parseAgtype(JSON.stringify(value, undefined, 2))).toEqual(expected);
    }),
  );
});

test("reads every text, with control characters escaped or not", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(parseAgtype(JSON.stringify(text))).toBe(text);
      expect(parseAgtype(`"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`)).toBe(text);
    }),
  );
});

test("reads every integer, those beyond 2⁵³ as text", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const expected = Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
      expect(parseAgtype(String(value))).toBe(expected);
    }),
  );
});

test("gives value or refuses, whatever the text", () => {
  const pieces = fc.constantFrom(
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "1",
    "-",
    ".",
    "e",
    "::vertex",
    "null",
    " ",
    "a",
  );
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      try {
        parseAgtype(parts.join(""));
      } catch (error) {
        expect(error).toMatchObject({ code: "RMTC_FORMAT_INVALID" });
      }
    }),
  );
});

test("takes the marks off vertices, edges and paths, also inside lists and maps", () => {
  const vertex = '{"id": 281474976710657, "label": "asset", "properties": {"name": "a::vertex"}}::vertex';
  const edge =
    '{"id": 18014398509481985, "label": "used", "end_id": 2, "start_id": 1, "properties": {}}::edge';
  const expected = [
    { id: 281474976710657, label: "asset", properties: { name: "a::vertex" } },
    { id: "18014398509481985", label: "used", end_id: 2, start_id: 1, properties: {} },
  ];
  expect(parseAgtype(`[${vertex}, ${edge}]::path`)).toEqual(expected);
  expect(parseAgtype(`{"list": [${edge}], "v": ${vertex}}`)).toEqual({ list: [expected[1]], v: expected[0] });
});

test("keeps what a number of JavaScript cannot hold as text", () => {
  const texts =
    "[NaN, Infinity, -Infinity, 1.5::numeric, 0.1234567890123456789::numeric, 7::numeric, 1e+30, -0.0]";
  expect(parseAgtype(texts)).toEqual([
    "NaN",
    "Infinity",
    "-Infinity",
    1.5,
    "0.1234567890123456789",
    7,
    1e30,
    -0,
  ]);
});

test("gives a key its own property, whatever its name", () => {
  const value = parseAgtype('{"__proto__": {"polluted": true}}') as object;
  expect(Object.keys(value)).toEqual(["__proto__"]);
  expect("polluted" in value).toBe(false);
});

test.each([
  "",
  "nul",
  "01",
  "1.",
  "[1,]",
  '{"a"}',
  "{a: 1}",
  '"\\x"',
  "1 2",
  '{"a": 1}::thing',
  "[".repeat(2_000),
])("refuses %j", (text) => {
  expect(() => parseAgtype(text)).toThrow(expect.objectContaining({ code: "RMTC_FORMAT_INVALID" }));
});
