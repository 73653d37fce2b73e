// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype } from "@rmtc/spec";
import { tensorByteLength } from "./dtype.ts";
import { dtypeAlignment, type Tensor, tensorBytes, tensorFromBytes } from "./tensor.ts";
import { transposeTensor } from "./transpose-tensor.ts";

/** Longest header that is read; NumPy writes about 120 bytes. */
const maxHeaderBytes = 65_536;

const dtypeOfCode: Readonly<Record<string, Dtype>> = {
  f8: "F64",
  f4: "F32",
  f2: "F16",
  i8: "I64",
  i4: "I32",
  i2: "I16",
  i1: "I8",
  u8: "U64",
  u4: "U32",
  u2: "U16",
  u1: "U8",
  b1: "BOOL",
  c8: "C64",
};

/**
 * Parses a `.npy` file of version 1 to 3 in memory; column-major and big-endian arrays come out row-major and
 * little-endian.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws RMTC_FORMAT_INVALID when magic, header or length are wrong.
 * @throws RMTC_FORMAT_UNSUPPORTED when the elements are objects, records, text or of another unknown type.
 */
export function parseNpy(bytes: Uint8Array): Tensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.byteLength < 12 || magic.some((byte, index) => bytes[index] !== byte)) {
    throw new RmtcError("RMTC_FORMAT_INVALID", "The bytes do not start as a .npy file does.");
  }
  const version = bytes[6] as number;
  if (version < 1 || version > 3) {
    throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", `The .npy file has version ${version}; 1 to 3 are known.`);
  }
  const start = version === 1 ? 10 : 12;
  const headerBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerBytes > maxHeaderBytes || start + headerBytes > bytes.byteLength) {
    throw new RmtcError("RMTC_FORMAT_INVALID", `The .npy header claims ${headerBytes} bytes.`);
  }
  const header = parseDictionary(new TextDecoder().decode(bytes.subarray(start, start + headerBytes)));
  const body = bytes.subarray(start + headerBytes);
  const byteLength = tensorByteLength(header.dtype, header.shape);
  if (body.byteLength !== byteLength) {
    const message = `The .npy header describes ${byteLength} bytes of data; the file has ${body.byteLength}.`;
    throw new RmtcError("RMTC_FORMAT_INVALID", message);
  }
  const data = header.bigEndian ? swapped(body, dtypeAlignment(header.dtype)) : body;
  if (!header.columnMajor) return tensorFromBytes(header.dtype, header.shape, data);
  const reversed = tensorFromBytes(header.dtype, [...header.shape].reverse(), data);
  return transposeTensor(reversed, [...header.shape.keys()].reverse());
}

/**
 * Writes a tensor as the bytes of a `.npy` file of version 1, row-major, with data at a multiple of 64.
 *
 * @throws RMTC_FORMAT_UNSUPPORTED when NumPy has no such element type; convert BF16 and F8 to F32 first.
 */
export function npyToBytes(tensor: Tensor): Uint8Array {
  const code = Object.keys(dtypeOfCode).find((key) => dtypeOfCode[key] === tensor.dtype);
  if (code === undefined) {
    throw new RmtcError(
      "RMTC_FORMAT_UNSUPPORTED",
      `NumPy has no ${tensor.dtype}; convert the tensor to F32 first.`,
    );
  }
  const order = code.endsWith("1") ? "|" : "<";
  const shape = tensor.shape.length === 1 ? `${tensor.shape[0]},` : tensor.shape.join(", ");
  const text = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${shape}), }`;
  const dataStart = Math.ceil((10 + text.length + 1) / 64) * 64;
  const data = tensorBytes(tensor);
  const bytes = new Uint8Array(dataStart + data.byteLength);
  bytes.set(Buffer.from(`\x93NUMPY\x01\x00`, "latin1"));
  new DataView(bytes.buffer).setUint16(8, dataStart - 10, true);
  bytes.set(Buffer.from(`${text.padEnd(dataStart - 11)}\n`, "latin1"), 10);
  bytes.set(data, dataStart);
  return bytes;
}

interface NpyHeader {
  readonly dtype: Dtype;
  readonly bigEndian: boolean;
  readonly columnMajor: boolean;
  readonly shape: readonly number[];
}

/** Reads the Python dictionary of the header by its three fields; nothing is evaluated. */
function parseDictionary(text: string): NpyHeader {
  const descr = /'descr': *'([<>|=])([a-zA-Z]\d{1,4})'/.exec(text);
  const order = /'fortran_order': *(True|False)/.exec(text);
  const shape = /'shape': *\(([\d, L]*)\)/.exec(text);
  if (order === null || shape === null || !text.trimEnd().endsWith("}")) {
    throw new RmtcError("RMTC_FORMAT_INVALID", "The .npy header lacks its order or shape.");
  }
  const dtype = dtypeOfCode[descr?.[2] ?? ""];
  if (dtype === undefined) {
    const type = /'descr': *([^}]{0,40})/.exec(text)?.[1] ?? "none";
    throw new RmtcError(
      "RMTC_FORMAT_UNSUPPORTED",
      `The .npy elements are ${type}; numbers and booleans are read.`,
    );
  }
  const sizes = (shape[1] ?? "").split(",").map((size) => size.replace("L", "").trim());
  return {
    dtype,
    bigEndian: descr?.[1] === ">",
    columnMajor: order[1] === "True",
    shape: sizes.filter((size) => size !== "").map(Number),
  };
}

function swapped(bytes: Uint8Array, wordBytes: number): Uint8Array {
  const copy = Buffer.from(bytes);
  if (wordBytes === 2) copy.swap16();
  else if (wordBytes === 4) copy.swap32();
  else if (wordBytes === 8) copy.swap64();
  return copy;
}
