// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/** An attribute as the file has it: the name of its type, and its bytes. */
export interface ExrAttribute {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/**
 * The value of an attribute of a known type.
 *
 * Vectors, boxes (`[minX, minY, maxX, maxY]`), matrices (row by row), `rational` (numerator, denominator),
 * `timecode` (time and flags, user data), `keycode` (its seven numbers) and `chromaticities` (x and y of red,
 * green, blue and white) are lists of numbers.
 */
export type ExrAttributeValue = number | string | readonly number[] | readonly string[];

type Scalar = "int" | "unsigned" | "float" | "double";

/** Types that are a fixed list of numbers. @see https://openexr.com/en/latest/OpenEXRFileLayout.html */
const numericTypes: ReadonlyMap<string, readonly Scalar[]> = new Map<string, readonly Scalar[]>([
  ["int", ["int"]],
  ["float", ["float"]],
  ["double", ["double"]],
  ["v2i", times("int", 2)],
  ["v2f", times("float", 2)],
  ["v2d", times("double", 2)],
  ["v3i", times("int", 3)],
  ["v3f", times("float", 3)],
  ["v3d", times("double", 3)],
  ["box2i", times("int", 4)],
  ["box2f", times("float", 4)],
  ["m33f", times("float", 9)],
  ["m33d", times("double", 9)],
  ["m44f", times("float", 16)],
  ["m44d", times("double", 16)],
  ["chromaticities", times("float", 8)],
  ["rational", ["int", "unsigned"]],
  ["timecode", times("unsigned", 2)],
  ["keycode", times("int", 7)],
]);

const scalarBytes: Readonly<Record<Scalar, number>> = { int: 4, unsigned: 4, float: 4, double: 8 };

/**
 * Reads the value of an attribute, or gives `undefined` for a type that is not known here.
 *
 * @throws RMTC_FORMAT_INVALID when the bytes are not of the type they claim.
 */
export function decodeAttribute(attribute: ExrAttribute): ExrAttributeValue | undefined {
  const { type, bytes } = attribute;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === "string") return Buffer.from(bytes).toString("utf8");
  if (type === "stringvector") return decodeStrings(bytes, view);
  if (type === "floatvector")
    return decodeNumbers(view, times("float", Math.floor(bytes.byteLength / 4)), type);
  const scalars = numericTypes.get(type);
  if (scalars === undefined) return undefined;
  const numbers = decodeNumbers(view, scalars, type);
  return scalars.length === 1 ? numbers[0] : numbers;
}

/**
 * Makes an attribute of a known type.
 *
 * @throws RMTC_OPTION_INVALID when the type is not known here, or the value does not fit it.
 */
export function encodeAttribute(type: string, value: ExrAttributeValue): ExrAttribute {
  if (type === "string" && typeof value === "string") return { type, bytes: new TextEncoder().encode(value) };
  const list = typeof value === "number" ? [value] : value;
  if (type === "stringvector" && Array.isArray(list) && list.every((item) => typeof item === "string")) {
    return { type, bytes: encodeStrings(list) };
  }
  const scalars = type === "floatvector" ? times("float", list.length) : numericTypes.get(type);
  const fits = Array.isArray(list) && list.length === scalars?.length;
  if (!fits || scalars === undefined || !list.every((item): item is number => typeof item === "number")) {
    throw new RmtcError("RMTC_OPTION_INVALID", `The value does not make an EXR attribute of type "${type}".`);
  }
  const view = new DataView(new ArrayBuffer(scalars.reduce((sum, scalar) => sum + scalarBytes[scalar], 0)));
  let at = 0;
  for (const [index, scalar] of scalars.entries()) {
    const number = list[index] as number;
    if (scalar === "int") view.setInt32(at, number, true);
    else if (scalar === "unsigned") view.setUint32(at, number, true);
    else if (scalar === "float") view.setFloat32(at, number, true);
    else view.setFloat64(at, number, true);
    at += scalarBytes[scalar];
  }
  return { type, bytes: new Uint8Array(view.buffer) };
}

function times(scalar: Scalar, count: number): readonly Scalar[] {
  return new Array<Scalar>(count).fill(scalar);
}

function decodeNumbers(view: DataView, scalars: readonly Scalar[], type: string): number[] {
  const size = scalars.reduce((sum, scalar) => sum + scalarBytes[scalar], 0);
  if (view.byteLength !== size) throw wrongSize(type, view.byteLength);
  let at = 0;
  return scalars.map((scalar) => {
    const from = at;
    at += scalarBytes[scalar];
    if (scalar === "int") return view.getInt32(from, true);
    if (scalar === "unsigned") return view.getUint32(from, true);
    return scalar === "float" ? view.getFloat32(from, true) : view.getFloat64(from, true);
  });
}

function decodeStrings(bytes: Uint8Array, view: DataView): string[] {
  const strings: string[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    const length = at + 4 <= bytes.byteLength ? view.getInt32(at, true) : -1;
    if (length < 0 || at + 4 + length > bytes.byteLength) throw wrongSize("stringvector", bytes.byteLength);
    strings.push(Buffer.from(bytes.subarray(at + 4, at + 4 + length)).toString("utf8"));
    at += 4 + length;
  }
  return strings;
}

function encodeStrings(strings: readonly string[]): Uint8Array {
  const parts = strings.flatMap((string) => {
    const text = new TextEncoder().encode(string);
    return [new Uint8Array(Int32Array.of(text.byteLength).buffer), text];
  });
  return new Uint8Array(Buffer.concat(parts));
}

function wrongSize(type: string, size: number): RmtcError {
  return new RmtcError(
    "RMTC_FORMAT_INVALID",
    `An EXR attribute of type "${type}" cannot have ${size} bytes.`,
  );
}
