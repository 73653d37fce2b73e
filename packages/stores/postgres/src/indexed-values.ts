// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { fieldValues, queryFieldOf, wordsOf } from "@rmtc/query";
import type { PartName, RmtcRecord } from "@rmtc/spec";
import { encodeText, headOf, isShort } from "./encode-text.ts";
import { columnFields, linkFields, termFields } from "./tables.ts";

/** A row of `term`, less the record's position. */
export interface Term {
  readonly field: number;
  readonly head: string;
  readonly value: string | null;
}

/** What the indexes keep of a record's parts. */
export interface IndexedValues {
  /** Values by the column of `record` that holds them. */
  readonly columns: Readonly<Record<string, string | number | true>>;
  readonly terms: readonly Term[];
}

const linkFieldNames: ReadonlySet<string> = new Set(linkFields.map(({ field }) => field));
const manyValued = (["tag", "file.mediaType", "file.digest"] as const).map((name) => {
  const field = queryFieldOf(name);
  if (field === undefined) throw new RangeError(`${name} is not in the registry of query fields.`);
  return { field, code: termFields[name] };
});

/** Which part each registered column comes from. */
const partOf = (path: string): string => path.split("/")[1] ?? "";

/** Collects what the indexes keep of the given parts of a record. */
export function indexedValues(record: RmtcRecord, parts: readonly PartName[]): IndexedValues {
  const columns: Record<string, string | number | true> = {};
  const terms: Term[] = [];
  const queried = { record, digest: "" };
  for (const field of columnFields) {
    if (field.kinds?.includes(record.kind) === false || !parts.includes(partOf(field.path) as PartName))
      continue;
    const [value] = fieldValues(queried, field);
    if (value !== undefined) columns[field.field] = typeof value === "string" ? encodeText(value) : value;
  }
  if (parts.includes("name") && record.name !== undefined) {
    const words = wordsOf(record.name);
    if (words.length > 0)
      columns.words = [...new Set(words.map(headOf))].map((word) => `'${word}'`).join(" ");
    for (const word of words) if (!isShort(word)) terms.push(termOf(termFields.word, word));
  }
  for (const { field, code } of manyValued) {
    if (!parts.includes(partOf(field.path) as PartName)) continue;
    const values = fieldValues(queried, field);
    for (const value of values) terms.push(termOf(code, String(value)));
    if (field.field === "tag" && values.length > 0) columns.tag = true;
  }
  return { columns, terms };
}

/** The columns that say of which registered relations a record has links. */
export function linkColumns(record: RmtcRecord): Readonly<Record<string, true>> {
  const names = record.links.map(({ rel }) => `link.${rel}`).filter((name) => linkFieldNames.has(name));
  return Object.fromEntries(names.map((name) => [name, true]));
}

function termOf(field: number, value: string): Term {
  const encoded = encodeText(value);
  return { field, head: headOf(encoded), value: isShort(encoded) ? null : encoded };
}
