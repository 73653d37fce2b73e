// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { bitsPerElement, elementTypeFromCode, type OnnxElementType } from "./element-type.ts";
import type { OnnxExternalData, OnnxTensor } from "./onnx-model.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";

/**
 * Reads a `TensorProto`; whatever field the elements came in, they end up as raw little-endian bytes.
 *
 * @throws RMTC_FORMAT_INVALID when the elements do not fill the shape.
 * @throws RMTC_FORMAT_UNSUPPORTED when the element type is unknown.
 */
export function parseTensor(reader: ProtobufReader): OnnxTensor {
  let name = "";
  let code = 0;
  let raw: Uint8Array | undefined;
  let isExternal = false;
  const dims: bigint[] = [];
  const fixed: Uint8Array[] = [];
  const integers: BigInt64Array[] = [];
  const strings: Uint8Array[] = [];
  const places = new Map<string, string>();
  while (reader.next()) {
    if (reader.field === 1) reader.int64s(dims);
    else if (reader.field === 2) code = reader.count();
    else if (reader.field === 4) reader.fixed(4, fixed);
    else if (reader.field === 5 || reader.field === 7 || reader.field === 11) integers.push(reader.varints());
    else if (reader.field === 6) strings.push(reader.bytes());
    else if (reader.field === 8) name = reader.text();
    else if (reader.field === 9) raw = reader.bytes();
    else if (reader.field === 10) reader.fixed(8, fixed);
    else if (reader.field === 13) parsePlace(reader.message(), places);
    else if (reader.field === 14) isExternal = reader.count() === 1;
    else reader.keep();
  }
  const elementType = elementTypeFromCode(code);
  if (elementType === undefined) {
    throw new RmtcError(
      "RMTC_FORMAT_UNSUPPORTED",
      `Tensor ${JSON.stringify(name)} has element type number ${code}, which is unknown here.`,
    );
  }
  const { shape, count } = shapeFromDims(reader, name, dims);
  const rest = reader.rest();
  if (isExternal)
    return { name, elementType, shape, external: externalFromPlaces(reader, name, places), rest };
  if (elementType === "STRING") {
    if (strings.length !== count) reader.fail(`tensor ${JSON.stringify(name)} does not fill its shape`);
    return { name, elementType, shape, strings, rest };
  }
  const data =
    raw ??
    (integers.length > 0 ? bytesFromIntegers(elementType, integers) : new Uint8Array(Buffer.concat(fixed)));
  if (data.byteLength !== Math.ceil((count * bitsPerElement(elementType)) / 8)) {
    reader.fail(`tensor ${JSON.stringify(name)} has ${data.byteLength} bytes, which do not fill its shape`);
  }
  return { name, elementType, shape, data, rest };
}

function shapeFromDims(
  reader: ProtobufReader,
  name: string,
  dims: readonly bigint[],
): { readonly shape: readonly number[]; readonly count: number } {
  let count = 1n;
  for (const dim of dims) {
    if (dim < 0n) reader.fail(`tensor ${JSON.stringify(name)} has a negative size`);
    count *= dim;
    if (dim > BigInt(Number.MAX_SAFE_INTEGER) || count > BigInt(Number.MAX_SAFE_INTEGER)) {
      reader.fail(`tensor ${JSON.stringify(name)} is too large`);
    }
  }
  return { shape: dims.map(Number), count: Number(count) };
}

/** Packs the integers of `int32_data`, `int64_data` or `uint64_data` into the element type's own size. */
function bytesFromIntegers(type: OnnxElementType, chunks: readonly BigInt64Array[]): Uint8Array {
  const count = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  // Types below one byte come packed into bytes already.
  const size = Math.max(1, bitsPerElement(type) / 8);
  const out = Buffer.alloc(count * size);
  let at = 0;
  for (const chunk of chunks) {
    for (const value of chunk) {
      if (size === 8) out.writeBigInt64LE(value, at);
      else if (size === 4) out.writeInt32LE(Number(BigInt.asIntN(32, value)), at);
      else if (size === 2) out.writeInt16LE(Number(BigInt.asIntN(16, value)), at);
      else if (size === 1) out.writeInt8(Number(BigInt.asIntN(8, value)), at);
      at += size;
    }
  }
  return new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
}

function parsePlace(reader: ProtobufReader, places: Map<string, string>): void {
  let key = "";
  let value = "";
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.keep();
  }
  places.set(key, value);
}

function externalFromPlaces(
  reader: ProtobufReader,
  name: string,
  places: ReadonlyMap<string, string>,
): OnnxExternalData {
  const location = places.get("location");
  const number = (key: string): number | undefined => {
    const text = places.get(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) {
      reader.fail(`tensor ${JSON.stringify(name)} has no valid external ${key}`);
    }
    return value;
  };
  if (location === undefined) reader.fail(`tensor ${JSON.stringify(name)} does not say where its data lies`);
  return {
    location,
    offset: number("offset") ?? 0,
    length: number("length"),
    checksum: places.get("checksum"),
  };
}
