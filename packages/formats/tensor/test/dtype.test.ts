// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import { bitsPerElement, dtypes, elementCount, isDtype, tensorByteLength } from "../src/index.ts";
import { codeOf } from "./refusal.ts";

describe("dtypes", () => {
  it("knows every element type of the standard and nothing inherited", () => {
    expect(dtypes).toHaveLength(22);
    expect(dtypes.every(isDtype)).toBe(true);
    expect(isDtype("toString")).toBe(false);
    expect(isDtype("f32")).toBe(false);
  });

  it("counts bits below a byte", () => {
    expect(bitsPerElement("F4")).toBe(4);
    expect(tensorByteLength("F6_E2M3", [4])).toBe(3);
    expect(codeOf(() => tensorByteLength("F4", [3]))).toBe("RMTC_FORMAT_INVALID");
  });

  it("counts a scalar as one element and an empty axis as none", () => {
    expect(elementCount([])).toBe(1);
    expect(elementCount([2 ** 40, 0, 2 ** 40])).toBe(0);
  });

  it("refuses sizes that overflow, are negative or broken", () => {
    expect(codeOf(() => elementCount([2 ** 30, 2 ** 30]))).toBe("RMTC_LIMIT_EXCEEDED");
    expect(codeOf(() => tensorByteLength("F64", [2 ** 50]))).toBe("RMTC_LIMIT_EXCEEDED");
    expect(codeOf(() => elementCount([-1]))).toBe("RMTC_FORMAT_INVALID");
    expect(codeOf(() => elementCount([1.5]))).toBe("RMTC_FORMAT_INVALID");
  });
});
