// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { maxJsonDepth, whyNotNumber, whyNotString } from "./i-json.ts";
import { jsonPointer } from "./json-pointer.ts";

type Path = (string | number)[];

/** Printable ASCII without `"` and `\`: what stands for itself between quotes. */
const plain = /^[ !#-[\]-~]*$/;

/**
 * Writes a value as canonical JSON (RFC 8785), refusing whatever is not I-JSON.
 *
 * Nothing is dropped or converted on the way: `undefined`, functions, dates, class instances and sparse arrays
 * are refused, because a digest must say exactly what the value says.
 *
 * @param pointer where the value stands in its document; put before the pointer of an error.
 * @throws RMTC_JSON_INVALID when something is not I-JSON, or nests deeper than 64.
 * @see spec/draft/record.md#canonical-json
 */
export function canonicalJson(value: unknown, pointer = ""): string {
  const path: Path = [];
  return write(value, path, 0, pointer);
}

/** `path` holds the way to `value` in its first `depth` entries; what comes after them is stale. */
function write(value: unknown, path: Path, depth: number, pointer: string): string {
  switch (typeof value) {
    case "string":
      return plain.test(value) ? `"${value}"` : writeText(value, path, depth, pointer);
    case "number": {
      const reason = whyNotNumber(value);
      if (reason !== undefined) throw refusal(reason, path, depth, pointer);
      return Object.is(value, -0) ? "0" : String(value);
    }
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (depth >= maxJsonDepth) throw refusal(`nests deeper than ${maxJsonDepth}`, path, depth, pointer);
      if (Array.isArray(value)) return writeArray(value, path, depth, pointer);
      return writeObject(value as Readonly<Record<string, unknown>>, path, depth, pointer);
    default:
      throw refusal(`is ${typeof value}, which JSON cannot say`, path, depth, pointer);
  }
}

function writeArray(values: readonly unknown[], path: Path, depth: number, pointer: string): string {
  let text = "[";
  for (let index = 0; index < values.length; index++) {
    path[depth] = index;
    text += `${index === 0 ? "" : ","}${write(values[index], path, depth + 1, pointer)}`;
  }
  return `${text}]`;
}

function writeObject(
  object: Readonly<Record<string, unknown>>,
  path: Path,
  depth: number,
  pointer: string,
): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw refusal("is an instance of a class; convert it to plain JSON", path, depth, pointer);
  }
  let text = "{";
  for (const key of sortedKeys(object)) {
    path[depth] = key;
    const name = plain.test(key) ? `"${key}"` : writeText(key, path, depth + 1, pointer);
    text += `${text.length === 1 ? "" : ","}${name}:${write(object[key], path, depth + 1, pointer)}`;
  }
  return `${text}}`;
}

/** Keys in the order of their UTF-16 code units, which RFC 8785 §3.2.3 demands and JavaScript compares by. */
function sortedKeys(object: object): string[] {
  const keys = Object.keys(object);
  for (let index = 1; index < keys.length; index++) {
    if ((keys[index - 1] as string) > (keys[index] as string)) return keys.sort();
  }
  return keys;
}

function writeText(text: string, path: Path, depth: number, pointer: string): string {
  const reason = whyNotString(text);
  if (reason !== undefined) throw refusal(reason, path, depth, pointer);
  return JSON.stringify(text);
}

function refusal(reason: string, path: Path, depth: number, pointer: string): RmtcError {
  const place = pointer + jsonPointer(path.slice(0, depth));
  return new RmtcError("RMTC_JSON_INVALID", `The value at "${place}" ${reason}.`, { pointer: place });
}
