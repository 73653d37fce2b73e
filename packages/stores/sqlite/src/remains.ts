// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { PartName, RmtcRecord } from "@rmtc/spec";
import { indexedValues } from "./indexed-values.ts";
import type { Term } from "./term-dictionary.ts";

/** Enough of a text to know it by, together with the bytes that stand beside it. */
const longestText = 200;

/**
 * Lists byte sequences that lie in the file only if something of the erased parts does.
 *
 * A salt is unique. A value is not, since other records may have it too; but an index has the record's id behind
 * it and the record's row has the time of creation before it. Of words and tags only those are looked for that
 * no record is left with.
 */
export function remainsOf(
  record: RmtcRecord,
  parts: readonly PartName[],
  gone: readonly Term[],
): readonly Uint8Array[] {
  const id = Buffer.from(record.id.slice("urn:uuid:".length).replaceAll("-", ""), "hex");
  const remains: Uint8Array[] = [];
  for (const part of parts) {
    const salt = record.salts?.[part];
    if (salt !== undefined) remains.push(Buffer.from(salt));
  }
  for (const value of indexedValues(record, parts).columns.values()) {
    // A number has no bytes of its own, and says nothing about anybody.
    if (typeof value !== "string") continue;
    const text = Buffer.from(value);
    remains.push(Buffer.concat([text.subarray(-longestText), id]));
    remains.push(Buffer.concat([Buffer.from(record.createdAt), text.subarray(0, longestText)]));
  }
  for (const { field, value } of gone) remains.push(Buffer.from(field + value).subarray(0, longestText));
  return remains;
}
