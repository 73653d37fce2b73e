// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { npyToBytes, parseNpy, tensorBytes } from "../src/index.ts";
import { anyTensor, counting, numbersOf } from "./any-tensor.ts";
import { codeOf } from "./refusal.ts";

const numpyTypes = [
  "F64",
  "F32",
  "F16",
  "I64",
  "I32",
  "I16",
  "I8",
  "U64",
  "U32",
  "U16",
  "U8",
  "BOOL",
  "C64",
] as const;

/** A version 1 file with this dictionary. */
function fileOf(dictionary: string, data: readonly number[] = [], version = 1): Uint8Array {
  const text = `${dictionary}\n`;
  const length =
    version === 1 ? [text.length & 0xff, text.length >> 8] : [text.length & 0xff, text.length >> 8, 0, 0];
  return Buffer.concat([
    Buffer.from("\x93NUMPY", "latin1"),
    Uint8Array.of(version, 0, ...length),
    Buffer.from(text),
    Uint8Array.from(data),
  ]);
}

describe(".npy files", () => {
  it("come back with type, shape and bytes", () => {
    fc.assert(
      fc.property(anyTensor(numpyTypes), (tensor) => {
        const made = parseNpy(npyToBytes(tensor));
        expect([made.dtype, made.shape]).toEqual([tensor.dtype, tensor.shape]);
        expect(tensorBytes(made)).toEqual(tensorBytes(tensor));
      }),
    );
  });

  it("start their data at a multiple of 64", () => {
    expect(npyToBytes(counting([1])).byteLength % 64).toBe(4);
  });

  it("turn column-major and big-endian arrays round", () => {
    const column = fileOf("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", [1, 4, 2, 5, 3, 6]);
    expect(numbersOf(parseNpy(column))).toEqual([1, 2, 3, 4, 5, 6]);
    const big = fileOf("{'descr': '>u2', 'fortran_order': False, 'shape': (1,), }", [1, 2], 2);
    expect(numbersOf(parseNpy(big))).toEqual([258]);
  });

  it.each([
    ["another magic", Buffer.from("NUMPY, but not quite"), "RMTC_FORMAT_INVALID"],
    ["a header beyond the file", fileOf("{'descr'").subarray(0, 15), "RMTC_FORMAT_INVALID"],
    ["no shape", fileOf("{'descr': '<f4', 'fortran_order': False}"), "RMTC_FORMAT_INVALID"],
    [
      "data that is cut off",
      fileOf("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", [0]),
      "RMTC_FORMAT_INVALID",
    ],
    ["objects", fileOf("{'descr': '|O', 'fortran_order': False, 'shape': ()}"), "RMTC_FORMAT_UNSUPPORTED"],
    [
      "records",
      fileOf("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}"),
      "RMTC_FORMAT_UNSUPPORTED",
    ],
    ["text", fileOf("{'descr': '<U3', 'fortran_order': False, 'shape': ()}"), "RMTC_FORMAT_UNSUPPORTED"],
    ["a later version", fileOf("{}", [], 4), "RMTC_FORMAT_UNSUPPORTED"],
    [
      "an endless shape",
      fileOf("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999,9999999999)}"),
      "RMTC_LIMIT_EXCEEDED",
    ],
  ])("refuse %s", (_, bytes, code) => {
    expect(codeOf(() => parseNpy(bytes))).toBe(code);
  });

  it("are not written with types that NumPy does not have", () => {
    const tensor = { dtype: "BF16", shape: [1], data: new Uint16Array(1) } as const;
    expect(codeOf(() => npyToBytes(tensor))).toBe("RMTC_FORMAT_UNSUPPORTED");
  });
});
