// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { TensorLayout } from "@rmtc/spec";
import type { Tensor } from "./tensor.ts";
import { validateLayout } from "./validate-layout.ts";

/** The key of `__metadata__` that holds the layouts, as canonical JSON by tensor name. */
export const layoutMetadataKey = "rmtc.layout";

/** Longest layout text that is parsed, in UTF-16 units. */
const maxTextLength = 2 ** 24;

/** Most levels of objects and arrays in it; layouts have four. */
const maxDepth = 64;

/** Writes layouts by tensor name as canonical JSON (RFC 8785), or gives `undefined` when there are none. */
export function layoutsToText(layouts: ReadonlyMap<string, TensorLayout>): string | undefined {
  return layouts.size === 0 ? undefined : canonicalJson(Object.fromEntries(layouts));
}

/**
 * Reads layouts by tensor name and checks each against its tensor.
 *
 * @throws RMTC_FORMAT_INVALID when the text is not such JSON, or a layout does not fit a tensor of the file.
 * @throws RMTC_LIMIT_EXCEEDED when the text is longer than 16 Mi characters.
 */
export function layoutsFromText(
  text: string | undefined,
  tensors: ReadonlyMap<string, Omit<Tensor, "data">>,
): ReadonlyMap<string, TensorLayout> {
  if (text === undefined) return new Map();
  if (text.length > maxTextLength) {
    throw new RmtcError(
      "RMTC_LIMIT_EXCEEDED",
      `The layouts take ${text.length} characters; 16 Mi are allowed.`,
    );
  }
  const layouts = new Map(Object.entries(parseObject(text))) as Map<string, TensorLayout>;
  for (const [name, layout] of layouts) {
    const tensor = tensors.get(name);
    const issue = tensor === undefined ? "There is no such tensor." : validateLayout(layout, tensor);
    if (issue !== undefined) {
      throw new RmtcError("RMTC_FORMAT_INVALID", `The layout of tensor "${name}" is wrong: ${issue}`);
    }
  }
  return layouts;
}

function parseObject(text: string): object {
  const members = countMembers(text);
  try {
    const value: unknown = members === undefined ? undefined : JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    // JSON.parse keeps the last of equal keys, another reader perhaps the first: such a text has no one meaning.
    if (isObject && membersKept(value) === members) return value;
  } catch {}
  throw new RmtcError(
    "RMTC_FORMAT_INVALID",
    `The metadata "${layoutMetadataKey}" is not a JSON object of few levels whose keys come once each.`,
  );
}

/** Counts the members that a JSON text writes, one for each colon outside of strings; gives up when it is deep. */
function countMembers(text: string): number | undefined {
  let [count, depth] = [0, 0];
  let isInside = false;
  for (let i = 0; i < text.length; i++) {
    const mark = text[i];
    if (mark === '"') isInside = !isInside;
    else if (mark === "\\") i++;
    else if (isInside) continue;
    else if (mark === ":") count++;
    else if (mark === "{" || mark === "[") depth++;
    else if (mark === "}" || mark === "]") depth--;
    if (depth > maxDepth) return undefined;
  }
  return count;
}

function membersKept(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value).reduce((sum: number, member) => sum + membersKept(member), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}

/** RFC 8785: keys by UTF-16 units, numbers and strings as `JSON.stringify` writes them, no spaces. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
