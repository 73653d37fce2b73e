// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { canonicalJson, parseJson } from "../../src/index.ts";
import { outcome, type VectorFile } from "./vector-file.ts";

const texts: readonly (readonly [string, string])[] = [
  ["orders keys by UTF-16 code units", '{"€":1,"\\r":2,"\\ufb33":3,"1":4,"😀":5,"\\u0080":6,"ö":7}'],
  ["drops white space and keeps the order of arrays", ' { "b" : [ 3 , 1, 2 ] , "a" : null } '],
  ["escapes only what must be escaped", '"\\u20ac$\\u000f\\nA\'B\\"\\\\\\"\\/\\u007f\\u2028"'],
  [
    "writes numbers as ECMAScript does",
    "[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0,1e21]",
  ],
  ["keeps the largest safe integers", "[9007199254740991,-9007199254740991]"],
  ["keeps an empty key and an empty object", '{"":{}}'],
  ["keeps a key named __proto__", '{"__proto__":1}'],
  ["keeps combining marks apart, without normalisation", '["\\u00e9","e\\u0301"]'],
  ["keeps 64 levels", `${"[".repeat(64)}${"]".repeat(64)}`],
  ["refuses 65 levels", `${"[".repeat(65)}${"]".repeat(65)}`],
  ["refuses a key that comes twice", '{"a":{"b":1,"\\u0062":2}}'],
  ["refuses an integer beyond 2^53-1", '{"n":9007199254740993}'],
  ["refuses an integer beyond 2^53-1 behind an exponent", "[1e20]"],
  ["refuses a number beyond the doubles", "1e400"],
  ["refuses a lone surrogate", '["\\ud800"]'],
  ["refuses a noncharacter", '"\\ufffe"'],
  ["refuses U+0000 in a string", '{"a":"\\u0000"}'],
  ["refuses U+0000 in a key", '{"\\u0000":1}'],
  ["refuses NaN", "[NaN]"],
  ["refuses a trailing comma", "[1,]"],
  ["refuses a leading zero", "01"],
  ["refuses a byte order mark", "\ufeff{}"],
  ["refuses a second value", "{} {}"],
];

/** Texts and their canonical form, or why there is none. */
export function canonicalJsonVectors(): VectorFile {
  return {
    description:
      "JSON texts as they may come in, and their canonical form by RFC 8785; or the code and pointer of the refusal; where a text is not JSON at all, the pointer is a hint. RMTC-REC-010 to RMTC-REC-015.",
    tests: texts.map(([description, text]) => ({
      description,
      text,
      ...outcome(() => ({ canonical: canonicalJson(parseJson(text)) })),
    })),
  };
}
