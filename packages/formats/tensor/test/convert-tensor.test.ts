// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dtype } from "@rmtc/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convertTensor, float16ToFloat32, float32ToFloat16, type Tensor, tensorOf } from "../src/index.ts";
import {
  decodeSmallFloat,
  encodeSmallFloat,
  float8Formats,
  type SmallFloatFormat,
} from "../src/small-float.ts";
import { codesOf, everyCode, numbersOf } from "./any-tensor.ts";
import { codeOf } from "./refusal.ts";

const binary16: SmallFloatFormat = { exponentBits: 5, mantissaBits: 10, bias: 15, flavor: "ieee" };
const brain16: SmallFloatFormat = { exponentBits: 8, mantissaBits: 7, bias: 127, flavor: "ieee" };
const allHalves = new Float16Array(Uint16Array.from({ length: 65536 }, (_, code) => code).buffer);
const anyFloat = fc.oneof(
  fc.float(),
  fc.integer().map((bits) => new Float32Array(Int32Array.of(bits).buffer)[0] as number),
  fc.float({ min: Math.fround(-1e-4), max: Math.fround(1e-4) }),
  fc.float({ min: Math.fround(65000), max: Math.fround(66000) }),
);

function floats(values: readonly number[]): Tensor {
  return tensorOf("F32", [values.length], Float32Array.from(values));
}

function bitsOf(data: Float16Array | Float32Array): Uint16Array | Uint32Array {
  return data instanceof Float16Array ? new Uint16Array(data.buffer) : new Uint32Array(data.buffer);
}

describe("half floats", () => {
  it("widen and narrow back bit by bit, NaNs included", () => {
    const wide = new Float32Array(65536);
    float16ToFloat32(allHalves, wide);
    expect(wide.findIndex((value, code) => !Object.is(value, allHalves[code]))).toBe(-1);
    const back = new Float16Array(65536);
    float32ToFloat16(wide, back);
    expect(bitsOf(back)).toEqual(bitsOf(allHalves));
  });

  it("round to the nearest, ties to even, as Float16Array does", () => {
    fc.assert(
      fc.property(fc.array(anyFloat, { minLength: 1, maxLength: 40 }), (values) => {
        const source = Float32Array.from(values);
        const target = new Float16Array(source.length);
        float32ToFloat16(source, target);
        expect(target).toEqual(new Float16Array(source));
        expect(Array.from(target, Object.is.bind(null, -0))).toEqual(
          Array.from(new Float16Array(source), Object.is.bind(null, -0)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("round every midpoint between two halves to the even one", () => {
    const finite = Float64Array.from(allHalves.subarray(0, 0x7c00));
    const midpoints = Float32Array.from(
      finite.subarray(1),
      (value, index) => (value + (finite[index] ?? 0)) / 2,
    );
    const rounded = new Float16Array(midpoints.length);
    float32ToFloat16(midpoints, rounded);
    expect(bitsOf(rounded).findIndex((code, index) => code !== index + (index % 2))).toBe(-1);
  });

  it("keep a NaN whose payload lies in the low bits alone", () => {
    const source = new Float32Array(Uint32Array.of(0x7f800001, 0xff800001).buffer);
    const target = new Float16Array(2);
    float32ToFloat16(source, target);
    expect(Array.from(target)).toEqual([Number.NaN, Number.NaN]);
  });

  it("convert at any length and offset", () => {
    for (const length of [0, 1, 7, 8, 9, 16383, 16384, 16385, 40000]) {
      const source = new Float32Array(length + 1).map((_, index) => index / 7).subarray(1);
      const target = new Float16Array(length);
      float32ToFloat16(source, target);
      expect(target).toEqual(new Float16Array(source));
    }
  });
});

describe("small floats", () => {
  it("agree with the built-in half float, code by code and value by value", () => {
    expect(allHalves.findIndex((value, code) => !Object.is(decodeSmallFloat(binary16, code), value))).toBe(
      -1,
    );
    fc.assert(
      fc.property(anyFloat, (value) => {
        const expected = new Uint16Array(Float16Array.of(value).buffer)[0];
        if (!Number.isNaN(value)) expect(encodeSmallFloat(binary16, value)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(Object.entries(float8Formats))("%s comes back from every code", (name, format) => {
    for (let code = 0; code < 256; code++) {
      const value = decodeSmallFloat(format, code);
      if (Number.isNaN(value)) expect(decodeSmallFloat(format, encodeSmallFloat(format, value))).toBeNaN();
      else expect(encodeSmallFloat(format, value), `${name} ${code}`).toBe(code);
    }
  });

  it.each(Object.entries(float8Formats))("%s rounds to the nearest value, ties to even", (_, format) => {
    const finite = [...Array(128).keys()]
      .map((code) => decodeSmallFloat(format, code))
      .filter(Number.isFinite);
    for (const [code, value] of finite.entries()) {
      const next = finite[code + 1];
      if (next === undefined) continue;
      const middle = (value + next) / 2;
      expect(encodeSmallFloat(format, middle)).toBe(code + (code % 2));
      expect(encodeSmallFloat(format, middle * (1 - 2 ** -20))).toBe(code);
      expect(encodeSmallFloat(format, middle * (1 + 2 ** -20))).toBe(code + 1);
    }
  });

  it("have the largest values that their definitions give", () => {
    const largest = (name: keyof typeof float8Formats, code: number): number =>
      decodeSmallFloat(float8Formats[name], code);
    expect(largest("F8_E5M2", 0x7b)).toBe(57344);
    expect(largest("F8_E4M3", 0x7e)).toBe(448);
    expect(largest("F8_E5M2FNUZ", 0x7f)).toBe(57344);
    expect(largest("F8_E4M3FNUZ", 0x7f)).toBe(240);
  });
});

describe("convertTensor", () => {
  it("narrows to bfloat16 as the definition says", () => {
    fc.assert(
      fc.property(anyFloat, (value) => {
        const code = convertTensor(floats([value]), "BF16").data[0] as number;
        if (Number.isNaN(value)) expect(decodeSmallFloat(brain16, code)).toBeNaN();
        else expect(code).toBe(encodeSmallFloat(brain16, value));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(["F64", "F16", "BF16", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E5M2FNUZ", "F8_E4M3FNUZ"] as Dtype[])(
    "takes %s to F32 and back without a change",
    (dtype) => {
      const start = convertTensor(floats([0.5, 1, 2, 4]), dtype);
      const wide = convertTensor(start, "F32");
      expect(numbersOf(wide)).toEqual([0.5, 1, 2, 4]);
      expect(convertTensor(wide, dtype)).toEqual(start);
    },
  );

  it("takes integers of up to 16 bits as the numbers they are", () => {
    expect(numbersOf(convertTensor(tensorOf("U16", [2], Uint16Array.of(0, 65535)), "F32"))).toEqual([
      0, 65535,
    ]);
    expect(numbersOf(convertTensor(tensorOf("I8", [2], Int8Array.of(-128, 127)), "F16"))).toEqual([
      -128, 127,
    ]);
  });

  it.each(["U8", "I8", "U16", "I16", "BF16", "F16", "F8_E5M2", "F8_E4M3"] as Dtype[])(
    "takes every code of %s to F32 and to F64 and back",
    (dtype) => {
      const start = everyCode(dtype);
      for (const wide of ["F32", "F64"] as const) {
        const through = convertTensor(start, wide);
        const back = convertTensor(through, dtype);
        const again = numbersOf(convertTensor(back, wide));
        const [codes, codesAgain] = [start, back].map((tensor) => codesOf(tensor));
        const changed = numbersOf(through).findIndex((value, index) =>
          Number.isNaN(value) ? !Number.isNaN(again[index]) : codesAgain?.[index] !== codes?.[index],
        );
        expect(changed).toBe(-1);
      }
    },
  );

  it("takes integers of 32 bits through doubles and back", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (values) => {
        const start = tensorOf("I32", [values.length], Int32Array.from(values));
        expect(convertTensor(convertTensor(start, "F64"), "I32")).toEqual(start);
        const unsigned = convertTensor(tensorOf("U32", [values.length], Uint32Array.from(values)), "F64");
        expect(numbersOf(unsigned)).toEqual(values.map((value) => value >>> 0));
      }),
    );
  });

  it("rounds once when it goes from F64 to F16", () => {
    // By way of F32 this would become a tie, and the even neighbour is the wrong one.
    const value = 1 + 2 ** -11 + 2 ** -40;
    const tensor = tensorOf("F64", [1], Float64Array.of(value));
    expect(convertTensor(tensor, "F16").data[0]).toBe(1 + 2 ** -10);
  });

  it("drops the sign and gives powers of two for E8M0", () => {
    const codes = convertTensor(floats([1, -2, 3, 0, 2.9, Number.POSITIVE_INFINITY]), "F8_E8M0");
    expect(numbersOf(codes)).toEqual([127, 128, 129, 0, 128, 255]);
  });

  it("makes what is too large infinite, or NaN where there is no infinity", () => {
    expect(convertTensor(floats([1e9]), "F8_E5M2").data[0]).toBe(0x7c);
    expect(convertTensor(floats([-1e9]), "F8_E4M3").data[0]).toBe(0xff);
    expect(convertTensor(floats([1e9]), "F8_E4M3FNUZ").data[0]).toBe(0x80);
  });

  it("changes the type in the layout too, and fills memory that is brought along", () => {
    const layout = { dtype: "F32" as const, shape: [2], axes: ["w"] };
    const target = new Float16Array(2);
    const made = convertTensor({ ...floats([1, 2]), layout }, "F16", target);
    expect(made.data).toBe(target);
    expect(made.layout).toEqual({ ...layout, dtype: "F16" });
  });

  it("refuses types without a conversion and targets that do not fit", () => {
    expect(codeOf(() => convertTensor(floats([1]), "I64"))).toBe("RMTC_FORMAT_UNSUPPORTED");
    expect(codeOf(() => convertTensor(floats([1]), "BOOL"))).toBe("RMTC_FORMAT_UNSUPPORTED");
    expect(codeOf(() => convertTensor(floats([1]), "F16", new Float16Array(2)))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(codeOf(() => convertTensor(floats([1]), "F16", new Uint16Array(1)))).toBe("RMTC_LAYOUT_MISMATCH");
  });
});
