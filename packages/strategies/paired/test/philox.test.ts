// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { expect, test } from "vitest";
import { integerBelow, multiplyHigh, philox4x32, type RandomWords } from "../src/philox.ts";

/** Known answers of the generator's authors: `kat_vectors` of Random123, lines philox4x32 10. */
const knownAnswers: readonly [RandomWords, readonly [number, number], RandomWords][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

test("Philox gives the answers its authors publish", () => {
  for (const [counter, key, answer] of knownAnswers) expect(philox4x32(counter, key)).toEqual(answer);
});

test("the upper half of a product is exact for all 32-bit integers", () => {
  const word = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(multiplyHigh(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
    }),
  );
});

test("a bounded integer stays below its limit and reaches both ends", () => {
  expect(integerBelow(10, 0)).toBe(0);
  expect(integerBelow(10, 0xffffffff)).toBe(9);
  expect(integerBelow(2 ** 32, 0xffffffff)).toBe(0xffffffff);
  expect(integerBelow(1, 0xffffffff)).toBe(0);
});
