// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { readPlainFile } from "./read-entry.ts";
import { writeDurably } from "./write-durably.ts";

const maxFileBytes = 256 * 1024 * 1024;

/** Names a file that holds one entry by what comes first and by its bytes. */
export function journalFileName(start: string, text: string): string {
  return `${start}-${hash("sha256", text).slice(0, 16)}.json`;
}

/** Reads a file whose name ends in the hash of its bytes; `undefined` when it is not there whole. */
export async function readJournalFile(folder: string, name: string): Promise<string | undefined> {
  const bytes = await readPlainFile(`${folder}/${name}`, maxFileBytes);
  if (bytes === undefined || typeof bytes === "string") return undefined;
  return name.endsWith(`-${hash("sha256", bytes).slice(0, 16)}.json`)
    ? new TextDecoder().decode(bytes)
    : undefined;
}

/** Writes a file under the name that {@link journalFileName} gives, and returns the name. */
export async function writeJournalFile(folder: string, start: string, text: string): Promise<string> {
  const name = journalFileName(start, text);
  await writeDurably(folder, name, Buffer.from(text));
  return name;
}
