// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { type EntryFile, entryHash, entryPath } from "./entry-name.ts";
import { isMissing } from "./file-error.ts";
import { entryFromText, type JournalEntry } from "./journal-entry.ts";
import { LoopTurns } from "./loop-turns.ts";

/** What a file turned out to hold. */
export type ReadEntry =
  | { readonly entry: JournalEntry; readonly bytes: number }
  | {
      /** What is wrong with it; missing when there is no file. */
      readonly damage: string | undefined;
      /** Its text, as far as there is one. */
      readonly text: string;
    };

const maxFileBytes = 256 * 1024 * 1024;
const hashedAtOnceBytes = 8 * 1024 * 1024;

/** Reads a file of the journal and checks that its bytes have its name and that it says what the name says. */
export async function readEntry(records: string, file: EntryFile): Promise<ReadEntry> {
  const bytes = await readPlainFile(entryPath(records, file), maxFileBytes);
  if (typeof bytes === "string") return { damage: bytes, text: "" };
  if (bytes === undefined) return { damage: undefined, text: "" };
  const text = new TextDecoder().decode(bytes);
  if ((await hashOf(bytes)).slice(0, 16) !== entryHash(file.name)) {
    return { damage: "was altered, or its copy was cut short", text };
  }
  const entry = await entryFromText(text);
  if (entry?.writer !== file.writer || entry.number !== file.number) {
    return { damage: "is not an entry of this journal", text };
  }
  return { entry, bytes: bytes.byteLength };
}

/** Reads a file that is no link; says why it cannot be read, or returns `undefined` when there is none. */
export async function readPlainFile(
  path: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | string | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    const { size } = await file.stat();
    if (size > maxBytes) return `is larger than ${maxBytes} bytes`;
    return await file.readFile();
  } catch (error) {
    if (isMissing(error)) return undefined;
    return `cannot be read (${error instanceof Error ? error.message : error})`;
  }
}

async function hashOf(bytes: Uint8Array): Promise<string> {
  const hasher = createHash("sha256");
  const turns = new LoopTurns();
  for (let start = 0; start < bytes.byteLength; start += hashedAtOnceBytes) {
    hasher.update(bytes.subarray(start, start + hashedAtOnceBytes));
    await turns.step();
  }
  return hasher.digest("hex");
}
