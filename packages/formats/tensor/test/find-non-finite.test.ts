// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import { findNonFinite, tensorOf } from "../src/index.ts";
import { codeOf } from "./refusal.ts";

describe("findNonFinite", () => {
  it("names the place of the first NaN or infinity", () => {
    const data = new Float32Array(12);
    data[7] = Number.NEGATIVE_INFINITY;
    data[9] = Number.NaN;
    expect(findNonFinite(tensorOf("F32", [2, 2, 3], data))).toEqual({
      position: [1, 0, 1],
      value: Number.NEGATIVE_INFINITY,
    });
  });

  it("looks into every wide float type and finds nothing in finite values", () => {
    const largest = [65504, -65504, 0, -0];
    expect(findNonFinite(tensorOf("F16", [4], Float16Array.from(largest)))).toBeUndefined();
    expect(findNonFinite(tensorOf("F64", [4], Float64Array.from(largest)))).toBeUndefined();
    expect(findNonFinite(tensorOf("BF16", [2], Uint16Array.of(0x7f7f, 0xff80)))).toEqual({
      position: [1],
      value: Number.NEGATIVE_INFINITY,
    });
    expect(findNonFinite(tensorOf("C64", [2], Float32Array.of(0, 0, 1, Number.NaN)))?.position).toEqual([1]);
    expect(findNonFinite(tensorOf("F16", [1], Float16Array.of(Number.NaN)))?.position).toEqual([0]);
    expect(findNonFinite(tensorOf("U16", [1], Uint16Array.of(0xffff)))).toBeUndefined();
  });

  it("refuses floats below 16 bits", () => {
    const tensor = tensorOf("F8_E5M2", [1], Uint8Array.of(0x7c));
    expect(codeOf(() => findNonFinite(tensor))).toBe("RMTC_FORMAT_UNSUPPORTED");
  });
});
