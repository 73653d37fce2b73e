// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { redact } from "@rmtc/attest";
import type { PartName, RecordId } from "@rmtc/spec";
import { type EntryFile, entryName, entryPath } from "./entry-name.ts";
import { isMissing } from "./file-error.ts";
import { entryToText, type PutEntry } from "./journal-entry.ts";
import { syncFolder, writeDurably } from "./write-durably.ts";

/** Which parts of a record are erased. */
export type ErasedParts = (id: RecordId) => readonly PartName[];

/**
 * Takes erased parts out of an entry; `undefined` when it has none of them.
 *
 * @throws RMTC_DOCUMENT_INVALID or RMTC_JSON_INVALID when the record that has them is not well formed.
 */
export function withoutErased(entry: PutEntry, erased: ErasedParts): PutEntry | undefined {
  let changed = false;
  const put = entry.put.map((record) => {
    const parts = erased(record.id).filter((part) => record[part] !== undefined || record.salts?.[part]);
    if (parts.length === 0) return record;
    changed = true;
    return redact(record, parts);
  });
  return changed ? { ...entry, put } : undefined;
}

/** Writes an entry anew in place of its file, which goes; whoever dies in between leaves both behind. */
export async function replaceEntry(records: string, file: EntryFile, entry: PutEntry): Promise<EntryFile> {
  const bytes = Buffer.from(await entryToText(entry));
  const made = { ...file, name: entryName(file.number, bytes) };
  const path = entryPath(records, file);
  const folder = dirname(path);
  await writeDurably(folder, made.name, bytes);
  await unlink(join(folder, file.name)).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
  await syncFolder(folder);
  return made;
}
