// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import type { PartName, RecordId, RmtcRecord } from "@rmtc/spec";
import { LoopTurns } from "./loop-turns.ts";

/** What every entry says. */
interface EntryHead {
  readonly writer: string;
  readonly number: number;
  readonly receivedAt: string;
}

/** Records that were put together. */
export interface PutEntry extends EntryHead {
  readonly partition: string;
  readonly put: readonly RmtcRecord[];
}

/** Parts of a record that were erased for ever. */
export interface EraseEntry extends EntryHead {
  readonly erase: { readonly id: RecordId; readonly parts: readonly PartName[] };
}

/** One accepted call: what one file of the journal says. */
export type JournalEntry = PutEntry | EraseEntry;

const format = "rmtc-record-journal";
const version = 1;
/** What can be parsed at once without anyone noticing a pause. */
const chunkCharacters = 1_000_000;

/** Writes an entry as `JSON.stringify(entry, undefined, 1)` and a newline, with turns for the event loop. */
export async function entryToText(entry: JournalEntry): Promise<string> {
  const { writer, number, receivedAt } = entry;
  const head = { format, version, writer, number, receivedAt };
  if ("erase" in entry) return `${JSON.stringify({ ...head, erase: entry.erase }, undefined, 1)}\n`;
  const turns = new LoopTurns();
  const start = JSON.stringify({ ...head, partition: entry.partition, put: [] }, undefined, 1).slice(0, -3);
  const texts: string[] = [];
  for (const record of entry.put) {
    texts.push(JSON.stringify(record, undefined, 1).replaceAll("\n", "\n  "));
    await turns.step();
  }
  return `${start}\n  ${texts.join(",\n  ")}\n ]\n}\n`;
}

/**
 * Reads an entry; `undefined` when the text is none. Records are not looked into yet.
 *
 * A large text is read in pieces, record by record, and so must look exactly as {@link entryToText} writes it.
 */
export async function entryFromText(text: string): Promise<JournalEntry | undefined> {
  try {
    if (text.length <= chunkCharacters) return checkedEntry(JSON.parse(text));
    const first = text.indexOf("\n  {");
    const head = JSON.parse(`${text.slice(0, first)}]}`);
    const put: unknown[] = [];
    const turns = new LoopTurns();
    let at = first;
    for (const chunk of recordTexts(text)) {
      if (text.indexOf(chunk, at) !== at + 3) return undefined;
      put.push(JSON.parse(chunk));
      at += 3 + chunk.length + 1;
      await turns.step();
    }
    if (text.slice(at - 1) !== "\n ]\n}\n") return undefined;
    return checkedEntry({ ...head, put });
  } catch {
    return undefined;
  }
}

/** The text of every record that is there whole, also in a text that was altered or cut short. */
export function* recordTexts(text: string): Generator<string, void> {
  for (let start = text.indexOf("\n  {"); start >= 0; ) {
    const end = text.indexOf("\n  }", start);
    if (end < 0) return;
    yield text.slice(start + 3, end + 4);
    start = text.indexOf("\n  {", end);
  }
}

function checkedEntry(parsed: unknown): JournalEntry | undefined {
  const entry = parsed as Readonly<Record<string, unknown>> | null;
  if (entry?.format !== format || entry.version !== version) return undefined;
  const { writer, number, receivedAt, partition, put, erase } = entry;
  if (typeof writer !== "string" || !Number.isSafeInteger(number)) return undefined;
  if (typeof receivedAt !== "string" || !isTime(receivedAt)) return undefined;
  const head = { writer, number: number as number, receivedAt };
  if (Array.isArray(put) && typeof partition === "string" && put.every(hasId)) {
    return { ...head, partition, put };
  }
  const { id, parts } = (erase ?? {}) as { readonly id?: unknown; readonly parts?: unknown };
  if (!hasId({ id }) || !Array.isArray(parts) || !parts.every((part) => typeof part === "string")) {
    return undefined;
  }
  return { ...head, erase: { id: id as RecordId, parts: parts as PartName[] } };
}

function isTime(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
}

function hasId(record: unknown): boolean {
  const id: unknown = (record as { readonly id?: unknown } | null)?.id;
  return typeof id === "string" && /^urn:uuid:[0-9a-f-]{36}$/.test(id);
}

/**
 * What an entry is known by whether or not parts of its records were erased since: 16 hexadecimal digits of a hash
 * of everything else that it says.
 */
export function entryEssence(entry: JournalEntry): string {
  const says = "put" in entry ? [entry.partition, ...entry.put.map(({ id }) => id)] : [entry.erase];
  return hash("sha256", JSON.stringify([entry.writer, entry.number, entry.receivedAt, ...says])).slice(0, 16);
}
