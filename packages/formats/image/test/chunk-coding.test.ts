// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collapseRuns, expandRuns } from "../src/exr/run-length.ts";
import { sumOfBytes } from "../src/exr/unpack-row.ts";
import { codeOf } from "./refusal.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 400 })), { maxLength: 12 })
    .map((runs) => Uint8Array.from(runs.flatMap(([value, length]) => new Array<number>(length).fill(value)))),
);

describe("run-length coding", () => {
  it("comes back, and is left out where it makes nothing smaller", () => {
    fc.assert(
      fc.property(bytes, (source) => {
        const coded = collapseRuns(source);
        if (coded === undefined) return;
        expect(coded.length).toBeLessThan(source.length);
        expect(expandRuns(coded, source.length)).toEqual(source);
      }),
      { numRuns: 500 },
    );
  });

  it("makes long runs small", () => {
    expect(collapseRuns(new Uint8Array(128))).toEqual(Uint8Array.of(127, 0));
  });

  it("is refused when it makes more or fewer bytes than it should, or ends in the middle", () => {
    for (const coded of [[127, 0], [1, 0], [255], [254, 1], []]) {
      expect(codeOf(() => expandRuns(Uint8Array.from(coded), 100))).toBe("RMTC_FORMAT_INVALID");
    }
  });
});

describe("sumOfBytes", () => {
  it("adds any stretch at any address, of the largest bytes too", () => {
    const stretches = fc.tuple(fc.nat(9), fc.nat(40), fc.oneof(fc.nat(20), fc.nat(4000)));
    fc.assert(
      fc.property(stretches, fc.constantFrom(255, 0, 7), ([offset, from, length], value) => {
        const source = new Uint8Array(5000).map((_, at) => (value === 7 ? at * 31 : value)).subarray(offset);
        const expected = source.subarray(from, from + length).reduce((sum, byte) => sum + byte, 0);
        expect(sumOfBytes(source, from, from + length)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});
