// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype, TensorLayout } from "@rmtc/spec";
import { isDtype, tensorByteLength } from "./dtype.ts";
import { HeaderCursor } from "./header-cursor.ts";
import { layoutMetadataKey, layoutsFromText } from "./layout-metadata.ts";

/** Longest header that the format allows, in bytes. */
export const maxHeaderBytes = 100_000_000;

/** Most axes that a tensor may have; NumPy has the same limit. */
const maxAxes = 64;

/** Where one tensor lies in a safetensors file. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly layout?: TensorLayout | undefined;
}

/** What the header of a safetensors file says. */
export interface SafetensorsHeader {
  /** The tensors by name, in the order of their data. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  /** The strings under `__metadata__`, layouts included. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Where data starts, counted from the start of the file. */
  readonly dataStart: number;
}

/**
 * Reads the length of the header from the first eight bytes of a file of `fileBytes` bytes.
 *
 * @throws RMTC_FORMAT_INVALID when the file is too short for it.
 * @throws RMTC_LIMIT_EXCEEDED when it is above {@link maxHeaderBytes}.
 */
export function headerLength(prefix: Uint8Array, fileBytes: number): number {
  if (prefix.byteLength < 8 || fileBytes < 8) {
    throw new RmtcError(
      "RMTC_FORMAT_INVALID",
      "A safetensors file starts with eight bytes that are missing here.",
    );
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(fileBytes - 8)) {
    const message = `The safetensors header claims ${length} bytes; the file has ${fileBytes}. It is cut off or another format.`;
    throw new RmtcError("RMTC_FORMAT_INVALID", message);
  }
  if (length > BigInt(maxHeaderBytes)) {
    throw new RmtcError(
      "RMTC_LIMIT_EXCEEDED",
      `The safetensors header has ${length} bytes; the format allows 100 MB.`,
    );
  }
  return Number(length);
}

/**
 * Parses and checks a header, yielding now and then so that a long one need not block the event loop.
 *
 * @param header The header's bytes, without the eight of its length.
 * @param fileBytes Size of the whole file, which the tensors must fill to the last byte.
 * @throws RMTC_FORMAT_INVALID when text, keys, types, sizes or offsets break the format.
 * @throws RMTC_FORMAT_UNSUPPORTED when an element type is unknown.
 */
export function* parseHeader(header: Uint8Array, fileBytes: number): Generator<void, SafetensorsHeader> {
  const dataStart = 8 + header.byteLength;
  if (header[0] !== 0x7b) throw new RmtcError("RMTC_FORMAT_INVALID", "A safetensors header starts with “{”.");
  const cursor = new HeaderCursor(decodeText(header));
  const metadata = new Map<string, string>();
  const found: SafetensorsEntry[] = [];
  const members = cursor.members((name) => {
    if (name === "__metadata__") run(cursor.members((key) => void metadata.set(key, cursor.string())));
    else found.push(readEntry(cursor, name, dataStart));
  });
  for (const _ of members) if (found.length % 256 === 0) yield;
  cursor.end();
  found.sort((a, b) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  let end = dataStart;
  for (const entry of found) {
    if (entry.byteOffset !== end) {
      const fault = entry.byteOffset < end ? "overlaps the tensor before it" : "leaves a hole before it";
      throw new RmtcError("RMTC_FORMAT_INVALID", `${shown(entry.name)} ${fault}.`);
    }
    end += entry.byteLength;
  }
  if (end !== fileBytes) {
    const message = `The safetensors header describes ${end} bytes; the file has ${fileBytes}.`;
    throw new RmtcError("RMTC_FORMAT_INVALID", message);
  }
  yield;
  const tensors = new Map(found.map((entry) => [entry.name, entry]));
  for (const [name, layout] of layoutsFromText(metadata.get(layoutMetadataKey), tensors)) {
    tensors.set(name, { ...(tensors.get(name) as SafetensorsEntry), layout });
  }
  return { tensors, metadata, dataStart };
}

/** Runs a generator to its end and gives what it returns. */
export function run<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function decodeText(header: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch (cause) {
    throw new RmtcError("RMTC_FORMAT_INVALID", "The safetensors header is not UTF-8.", { cause });
  }
}

function readEntry(cursor: HeaderCursor, name: string, dataStart: number): SafetensorsEntry {
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  const members = cursor.members((key) => {
    if (key === "dtype") dtype = cursor.string();
    else if (key === "shape") shape = cursor.integers();
    else if (key === "data_offsets") offsets = cursor.integers();
    else
      throw new RmtcError(
        "RMTC_FORMAT_INVALID",
        `${shown(name)} has an unknown field "${key.slice(0, 40)}".`,
      );
  });
  run(members);
  const [begin, end, ...more] = offsets ?? [];
  if (
    dtype === undefined ||
    shape === undefined ||
    begin === undefined ||
    end === undefined ||
    more.length > 0
  ) {
    throw new RmtcError("RMTC_FORMAT_INVALID", `${shown(name)} lacks its dtype, shape or two data_offsets.`);
  }
  if (shape.length > maxAxes) {
    throw new RmtcError(
      "RMTC_LIMIT_EXCEEDED",
      `${shown(name)} has ${shape.length} axes; ${maxAxes} are read.`,
    );
  }
  if (!isDtype(dtype)) {
    const message = `${shown(name)} has the element type "${dtype.slice(0, 40)}", which this version does not know.`;
    throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", message);
  }
  const byteLength = tensorByteLength(dtype, shape);
  if (begin > end || end - begin !== byteLength || !Number.isSafeInteger(dataStart + end)) {
    const message = `${shown(name)} spans bytes ${begin} to ${end}; ${dtype} of shape [${shape}] needs ${byteLength}.`;
    throw new RmtcError("RMTC_FORMAT_INVALID", message);
  }
  return { name, dtype, shape, byteOffset: dataStart + begin, byteLength };
}

/** A name as messages show it, however long it is. */
function shown(name: string): string {
  return `Tensor "${name.slice(0, 100)}"`;
}
