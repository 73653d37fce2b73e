// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import { tensorBytes, tensorFromBytes, tensorOf, zeroTensor } from "../src/index.ts";
import { codeOf } from "./refusal.ts";

describe("tensors", () => {
  it("are views on the bytes given where the address is aligned, else on a copy", () => {
    const bytes = new Uint8Array(17);
    const aligned = tensorFromBytes("F32", [2, 2], bytes.subarray(0, 16));
    const shifted = tensorFromBytes("F32", [2, 2], bytes.subarray(1, 17));
    expect(aligned.data.buffer).toBe(bytes.buffer);
    expect(shifted.data.buffer).not.toBe(bytes.buffer);
    expect(tensorBytes(aligned)).toEqual(bytes.subarray(0, 16));
  });

  it("refuse data of another length or kind", () => {
    expect(codeOf(() => tensorFromBytes("F32", [2], new Uint8Array(7)))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(codeOf(() => tensorOf("F32", [2], new Float64Array(1)))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(codeOf(() => tensorOf("I8", [2], new Uint8Array(2)))).toBe("RMTC_LAYOUT_MISMATCH");
  });

  it("refuse a size that no memory holds", () => {
    expect(codeOf(() => zeroTensor("U8", [2 ** 52]))).toBe("RMTC_LIMIT_EXCEEDED");
  });

  it("hold 64-bit integers exactly", () => {
    const tensor = tensorOf("I64", [1], BigInt64Array.of(-(2n ** 63n)));
    expect(tensorFromBytes("I64", [1], tensorBytes(tensor)).data[0]).toBe(-(2n ** 63n));
  });
});
