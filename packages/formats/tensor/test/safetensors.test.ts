// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bitsPerElement,
  parseSafetensors,
  safetensorsToBytes,
  type Tensor,
  tensorBytes,
  tensorOf,
} from "../src/index.ts";
import { anyTensor, counting, numbersOf } from "./any-tensor.ts";
import { codeOf } from "./refusal.ts";

const named = fc.dictionary(fc.string({ unit: "grapheme" }), anyTensor(), { maxKeys: 6 });

/** A file with this header text and as many bytes of data. */
function fileOf(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const text = typeof header === "string" ? Buffer.from(header) : header;
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(text.byteLength));
  return Buffer.concat([prefix, text, new Uint8Array(dataBytes)]);
}

function entry(name: string, dtype: string, shape: number[], begin: number, end: number): string {
  return `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${begin},${end}]}`;
}

describe("safetensors", () => {
  it("come back with names, types, shapes, bytes and metadata", () => {
    const metadata = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), {
      maxKeys: 4,
    });
    fc.assert(
      fc.property(named, metadata, (tensors, strings) => {
        fc.pre(!("__metadata__" in tensors) && !("rmtc.layout" in strings));
        const parsed = parseSafetensors(safetensorsToBytes(Object.entries(tensors), { metadata: strings }));
        expect(parsed.metadata).toEqual(new Map(Object.entries(strings)));
        expect([...parsed.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
        for (const [name, tensor] of Object.entries(tensors)) {
          const made = parsed.tensors.get(name) as Tensor;
          expect([made.dtype, made.shape]).toEqual([tensor.dtype, tensor.shape]);
          expect(tensorBytes(made)).toEqual(tensorBytes(tensor));
        }
      }),
    );
  });

  it("have the same bytes whatever the order of tensors and metadata (RMTC-TEN-084)", () => {
    fc.assert(
      fc.property(named, (tensors) => {
        fc.pre(!("__metadata__" in tensors));
        const entries = Object.entries(tensors);
        const one = safetensorsToBytes(entries, { metadata: { a: "1", b: "2" } });
        const other = safetensorsToBytes(entries.reverse(), { metadata: { b: "2", a: "1" } });
        expect(other).toEqual(one);
      }),
    );
  });

  it("start their data at a multiple of 4096, in falling element size, each aligned and without a copy", () => {
    const bytes = safetensorsToBytes([
      ["z", tensorOf("U8", [3], Uint8Array.of(1, 2, 3))],
      ["a", tensorOf("F16", [1], Float16Array.of(1))],
      ["m", tensorOf("F64", [1], Float64Array.of(2))],
      ["b", tensorOf("F16", [2], Float16Array.of(3, 4))],
    ]);
    const { tensors } = parseSafetensors(bytes);
    expect([...tensors.keys()]).toEqual(["m", "a", "b", "z"]);
    expect(tensors.get("m")?.data.byteOffset).toBe(4096);
    for (const tensor of tensors.values()) {
      expect(tensor.data.buffer).toBe(bytes.buffer);
      expect(tensor.data.byteOffset % Math.ceil(bitsPerElement(tensor.dtype) / 8)).toBe(0);
    }
    expect(bytes.byteLength).toBe(4096 + 8 + 6 + 3);
  });

  it("keep names that JavaScript objects reserve", () => {
    const tensors = new Map([["__proto__", counting([1])] as const, ["constructor", counting([2])] as const]);
    const parsed = parseSafetensors(safetensorsToBytes(tensors));
    expect([...parsed.tensors.keys()]).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });

  it("carry layouts as canonical JSON in the metadata", () => {
    const layout = { dtype: "F32", shape: [1, 2], axes: ["h", "w"], origin: "topLeft" } as const;
    const tensor = counting([1, 2], { ...layout, shape: [1, 2], axes: ["h", "w"] });
    const parsed = parseSafetensors(safetensorsToBytes([["plate", tensor]]));
    expect(parsed.metadata.get("rmtc.layout")).toBe(
      '{"plate":{"axes":["h","w"],"dtype":"F32","origin":"topLeft","shape":[1,2]}}',
    );
    expect(parsed.tensors.get("plate")?.layout).toEqual(layout);
  });

  it("read headers as other writers make them: spaces, escapes, any order, unaligned data", () => {
    const header = ` {"b\\u00e9\\n" : {"data_offsets":[ 1 , 5 ],"shape":[],"dtype":"F32"},\n${entry("a", "U8", [1], 0, 1)} }  `;
    const { tensors } = parseSafetensors(fileOf(header.trimStart(), 5));
    expect([...tensors.keys()]).toEqual(["a", "bé\n"]);
    expect(numbersOf(tensors.get("bé\n") ?? { data: new Uint8Array() })).toEqual([0]);
    expect(parseSafetensors(fileOf("{}")).tensors.size).toBe(0);
  });

  it.each([
    ["an empty file", new Uint8Array()],
    ["seven bytes", new Uint8Array(7)],
    ["a header beyond the file", fileOf("{}", 0, 3n)],
    ["a header of 2⁶³ bytes", fileOf("{}", 0, 2n ** 63n)],
    ["an empty header", fileOf("")],
    ["a header that starts with a space", fileOf(" {}")],
    ["an array", fileOf("[]")],
    ["text that is not UTF-8", fileOf(Uint8Array.of(0x7b, 0xff, 0x7d))],
    ["text behind the object", fileOf("{}x")],
    ["an open object", fileOf("{")],
    ["a trailing comma", fileOf(`{${entry("a", "U8", [0], 0, 0)},}`)],
    ["an open string", fileOf('{"a')],
    ["an escape that is none", fileOf('{"\\x":{}}')],
    ["a line break in a string", fileOf('{"a\nb":{}}')],
    ["half a surrogate pair", fileOf('{"\\ud800":{}}')],
    ["a name twice", fileOf(`{${entry("a", "U8", [0], 0, 0)},${entry("a", "U8", [0], 0, 0)}}`)],
    ["a name twice, once escaped", fileOf(`{${entry("a", "U8", [0], 0, 0)},"\\u0061":{}}`)],
    ["a field twice", fileOf('{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}')],
    ["a field too many", fileOf('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}')],
    ["a field missing", fileOf('{"a":{"dtype":"U8","data_offsets":[0,0]}}')],
    ["three offsets", fileOf('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}}')],
    ["a negative size", fileOf('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}')],
    ["a fraction", fileOf('{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}', 1)],
    ["a leading zero", fileOf('{"a":{"dtype":"U8","shape":[01],"data_offsets":[0,1]}}', 1)],
    ["a size above 2⁵³", fileOf('{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]}}', 1)],
    [
      "a size of a thousand digits",
      fileOf(`{"a":{"dtype":"U8","shape":[${"9".repeat(1000)}],"data_offsets":[0,1]}}`, 1),
    ],
    ["offsets that run backwards", fileOf(`{${entry("a", "U8", [0], 1, 0)}}`, 1)],
    ["another size than the shape", fileOf(`{${entry("a", "F32", [2], 0, 4)}}`, 4)],
    ["elements that end inside a byte", fileOf(`{${entry("a", "F4", [1], 0, 1)}}`, 1)],
    ["a hole before a tensor", fileOf(`{${entry("a", "U8", [1], 1, 2)}}`, 2)],
    ["a hole behind all tensors", fileOf(`{${entry("a", "U8", [1], 0, 1)}}`, 2)],
    ["overlapping tensors", fileOf(`{${entry("a", "U8", [2], 0, 2)},${entry("b", "U8", [2], 1, 3)}}`, 3)],
    ["data that is cut off", fileOf(`{${entry("a", "U8", [4], 0, 4)}}`, 3)],
    ["metadata that is no string", fileOf('{"__metadata__":{"a":1}}')],
    ["metadata inside metadata", fileOf('{"__metadata__":{"a":{"b":"c"}}}')],
    ["a metadata key twice", fileOf('{"__metadata__":{"a":"1","a":"2"}}')],
    ["layouts that are no JSON", fileOf('{"__metadata__":{"rmtc.layout":"x"}}')],
    ["a layout of no tensor", fileOf('{"__metadata__":{"rmtc.layout":"{\\"a\\":{}}"}}')],
  ])("refuse %s", (_, bytes) => {
    expect(codeOf(() => parseSafetensors(bytes))).toBe("RMTC_FORMAT_INVALID");
  });

  it("refuse sizes that overflow, headers and layouts above the limit, and types they do not know (RMTC-TEN-093)", () => {
    const huge = `{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`;
    expect(codeOf(() => parseSafetensors(fileOf(huge)))).toBe("RMTC_LIMIT_EXCEEDED");
    expect(codeOf(() => parseSafetensors(fileOf(`{${entry("a", "Q8", [1], 0, 1)}}`, 1)))).toBe(
      "RMTC_FORMAT_UNSUPPORTED",
    );
    const layouts = fileOf(`{"__metadata__":{"rmtc.layout":"${" ".repeat(2 ** 24 - 1)}{}"}}`);
    expect(codeOf(() => parseSafetensors(layouts))).toBe("RMTC_LIMIT_EXCEEDED");
    const long = new Uint8Array(100_000_009);
    new DataView(long.buffer).setBigUint64(0, 100_000_001n, true);
    expect(codeOf(() => parseSafetensors(long))).toBe("RMTC_LIMIT_EXCEEDED");
  });

  it("refuse a thousand axes, and say so in a line whatever the names are", () => {
    const bytes = fileOf(`{${entry("a".repeat(9999), "U8", new Array(1000).fill(1), 0, 1)}}`, 1);
    expect(codeOf(() => parseSafetensors(bytes))).toBe("RMTC_LIMIT_EXCEEDED");
    expect(() => parseSafetensors(bytes)).toThrow(/^.{10,200}$/);
  });

  it("refuse nesting of any depth quickly", () => {
    const deep = `{"a":${"[".repeat(1_000_000)}`;
    expect(codeOf(() => parseSafetensors(fileOf(deep)))).toBe("RMTC_FORMAT_INVALID");
    const layouts = `{"__metadata__":{"rmtc.layout":"${"[".repeat(1_000_000)}"}}`;
    expect(codeOf(() => parseSafetensors(fileOf(layouts)))).toBe("RMTC_FORMAT_INVALID");
  });

  it("are not written with names or metadata that nobody could read (RMTC-TEN-085)", () => {
    const tensor = counting([1]);
    const write =
      (name: string, metadata = {}): (() => unknown) =>
      () =>
        safetensorsToBytes([[name, tensor]], { metadata });
    expect(codeOf(write("__metadata__"))).toBe("RMTC_OPTION_INVALID");
    expect(codeOf(write("\ud800"))).toBe("RMTC_OPTION_INVALID");
    expect(codeOf(write("a", { "rmtc.layout": "{}" }))).toBe("RMTC_OPTION_INVALID");
    expect(codeOf(write("a", { b: "\udc00" }))).toBe("RMTC_OPTION_INVALID");
    expect(
      codeOf(() =>
        safetensorsToBytes([
          ["a", tensor],
          ["a", tensor],
        ]),
      ),
    ).toBe("RMTC_OPTION_INVALID");
    expect(codeOf(() => safetensorsToBytes([["a", { ...tensor, shape: [2] }]]))).toBe("RMTC_LAYOUT_MISMATCH");
    const layout = { dtype: "F16" as const, shape: [1], axes: ["w"] };
    expect(codeOf(() => safetensorsToBytes([["a", { ...tensor, layout }]]))).toBe("RMTC_LAYOUT_MISMATCH");
  });
});
