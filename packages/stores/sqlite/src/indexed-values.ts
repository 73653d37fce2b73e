// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type FieldValue, fieldValues, wordsOf } from "@rmtc/query";
import { type Digest, type PartName, type QueryField, queryFields, type RmtcRecord } from "@rmtc/spec";
import type { Term } from "./term-dictionary.ts";

/** What the indexes keep of a record's parts. */
export interface IndexedValues {
  /** Values by the column of `record` that holds them. */
  readonly columns: ReadonlyMap<string, FieldValue>;
  readonly terms: readonly Term[];
  /** The digests of files. */
  readonly fileDigests: readonly Digest[];
}

const linkFields: ReadonlySet<string> = new Set(
  queryFields.filter((field) => field.path.startsWith("/links/")).map((field) => field.field),
);
const bodyFieldsByKind = new Map<string, QueryField[]>();
for (const field of queryFields) {
  if (!field.path.startsWith("/body/")) continue;
  for (const kind of field.kinds ?? []) {
    bodyFieldsByKind.set(kind, [...(bodyFieldsByKind.get(kind) ?? []), field]);
  }
}

/** Collects what the indexes keep of the given parts of a record. */
export function indexedValues(record: RmtcRecord, parts: readonly PartName[]): IndexedValues {
  const columns = new Map<string, FieldValue>();
  const terms: Term[] = [];
  const fileDigests: Digest[] = [];
  for (const part of parts) {
    if (part === "name" && record.name !== undefined) {
      columns.set("name", record.name);
      for (const value of wordsOf(record.name)) terms.push({ field: "name", value });
    } else if (part === "version" && record.version !== undefined) {
      columns.set("version", record.version);
    } else if (part === "tags" && record.tags !== undefined) {
      for (const value of new Set(record.tags)) terms.push({ field: "tag", value });
      if (record.tags.length > 0) terms.push({ field: "tag", value: "" });
    } else if (part === "files" && record.files !== undefined) {
      const mediaTypes = new Set(record.files.map((file) => file.mediaType));
      for (const value of mediaTypes) terms.push({ field: "file.mediaType", value });
      fileDigests.push(...new Set(record.files.map((file) => file.digest)));
    } else if (part === "body") {
      for (const field of bodyFieldsByKind.get(record.kind) ?? []) {
        const value = fieldValues({ record, digest: "" }, field)[0];
        if (value !== undefined) columns.set(field.field, value);
      }
    }
  }
  return { columns, terms, fileDigests };
}

/** Lists the registered relations of a record's links, as terms that say that the field exists. */
export function linkTerms(record: RmtcRecord): readonly Term[] {
  const fields = new Set(record.links.map((link) => `link.${link.rel}`));
  return [...fields].filter((field) => linkFields.has(field)).map((field) => ({ field, value: "" }));
}
