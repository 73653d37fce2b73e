// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";

/** Any text that is I-JSON, with escapes, marks and characters beyond U+FFFF in it. */
export const iJsonText: fc.Arbitrary<string> = fc
  .string({ unit: "binary", maxLength: 12 })
  .filter((text) => !/[\0\p{Noncharacter_Code_Point}]/u.test(text));

const numbers = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) >= 1e21),
);

/** Any I-JSON value, a few levels deep. */
export const iJsonValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom(null, true, false),
    numbers,
    iJsonText,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(iJsonText, tie("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;
