// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAttribute, encodeAttribute } from "../src/index.ts";
import { codeOf } from "./refusal.ts";

const float = fc.float();
const int = fc.integer();
const unsigned = fc.nat(0xffffffff);

function list<T>(item: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> {
  return fc.array(item, { minLength: length, maxLength: length });
}

describe("EXR attributes", () => {
  it.each<
    [string, fc.Arbitrary<number | string | readonly number[] | readonly string[]>, number | undefined]
  >([
    ["int", int, 4],
    ["float", float, 4],
    ["double", fc.double(), 8],
    ["string", fc.string({ unit: "grapheme" }), undefined],
    ["stringvector", fc.array(fc.string({ unit: "grapheme" })), undefined],
    ["floatvector", fc.array(float), undefined],
    ["v2i", list(int, 2), 8],
    ["v2f", list(float, 2), 8],
    ["v2d", list(fc.double(), 2), 16],
    ["v3i", list(int, 3), 12],
    ["v3f", list(float, 3), 12],
    ["v3d", list(fc.double(), 3), 24],
    ["box2i", list(int, 4), 16],
    ["box2f", list(float, 4), 16],
    ["m33f", list(float, 9), 36],
    ["m33d", list(fc.double(), 9), 72],
    ["m44f", list(float, 16), 64],
    ["m44d", list(fc.double(), 16), 128],
    ["chromaticities", list(float, 8), 32],
    ["rational", fc.tuple(int, unsigned), 8],
    ["timecode", list(unsigned, 2), 8],
    ["keycode", list(int, 7), 28],
  ])("of type %s come back from their bytes", (type, values, size) => {
    fc.assert(
      fc.property(values, (value) => {
        const attribute = encodeAttribute(type, value);
        if (size !== undefined) expect(attribute.bytes.byteLength).toBe(size);
        expect(decodeAttribute(attribute)).toEqual(value);
      }),
      { numRuns: 30 },
    );
  });

  it("of an unknown type have no value", () => {
    expect(decodeAttribute({ type: "preview", bytes: new Uint8Array(8) })).toBeUndefined();
  });

  it("are refused when their bytes are not of the type they claim", () => {
    const strings = Uint8Array.of(9, 0, 0, 0, 65);
    expect(codeOf(() => decodeAttribute({ type: "v2f", bytes: new Uint8Array(7) }))).toBe(
      "RMTC_FORMAT_INVALID",
    );
    expect(codeOf(() => decodeAttribute({ type: "stringvector", bytes: strings }))).toBe(
      "RMTC_FORMAT_INVALID",
    );
    expect(codeOf(() => decodeAttribute({ type: "floatvector", bytes: new Uint8Array(5) }))).toBe(
      "RMTC_FORMAT_INVALID",
    );
  });

  it("are not made of values that do not fit", () => {
    expect(codeOf(() => encodeAttribute("v2f", [1]))).toBe("RMTC_OPTION_INVALID");
    expect(codeOf(() => encodeAttribute("int", "1"))).toBe("RMTC_OPTION_INVALID");
    expect(codeOf(() => encodeAttribute("string", 1))).toBe("RMTC_OPTION_INVALID");
    expect(codeOf(() => encodeAttribute("preview", [1]))).toBe("RMTC_OPTION_INVALID");
  });
});
