// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkRecord } from "@rmtc/attest";
import type { RecordDamage, StoredRecord, VerifyPage, VerifyRequest } from "@rmtc/contract";
import type { RecordId, RmtcRecord } from "@rmtc/spec";
import type { AppliedEntry } from "./applied-entries.ts";
import { type EntryFile, entryPath } from "./entry-name.ts";
import { recordTexts } from "./journal-entry.ts";
import { allEntries } from "./list-entries.ts";
import { LoopTurns } from "./loop-turns.ts";
import { readEntry } from "./read-entry.ts";
import type { RecordFolder } from "./record-folder.ts";

const idsPerPage = 250;
const nobody: RecordId = "urn:uuid:00000000-0000-0000-0000-000000000000";
const noDigest = `sha256:${"0".repeat(64)}`;

/** What a file says of one record. */
interface Said {
  readonly id: RecordId;
  /** Missing when its bytes are not even those of a record. */
  readonly digest: string | undefined;
}

/** Hashes what the files hold, a page of files at a time. */
export async function* verifyFiles(
  folder: RecordFolder,
  { ids }: VerifyRequest,
): AsyncGenerator<VerifyPage, void> {
  if (ids !== undefined) {
    const distinct = [...new Set(ids)];
    for (let start = 0; start < distinct.length; start += idsPerPage) {
      yield await verifyNamed(folder, new Set(distinct.slice(start, start + idsPerPage)));
    }
    return;
  }
  let checked = 0;
  let damages: RecordDamage[] = [];
  for await (const files of allEntries(folder.records)) {
    for (const file of files) {
      const page = await verifyFile(folder, file);
      checked += page.checked;
      damages.push(...page.damages);
      if (checked < idsPerPage) continue;
      yield { checked, damages };
      checked = 0;
      damages = [];
    }
  }
  if (checked > 0 || damages.length > 0) yield { checked, damages };
}

async function verifyNamed(folder: RecordFolder, ids: ReadonlySet<RecordId>): Promise<VerifyPage> {
  const held = await heldRecords(folder, [...ids]);
  const entries = new Map<number, AppliedEntry>();
  for (const [id, { position }] of held) {
    const entry = folder.applied.entry(folder.applied.spanAt(position)?.entry ?? 0);
    for (const one of entry === undefined ? [] : [entry, ...folder.applied.extras(id)])
      entries.set(one.seq, one);
  }
  const damages: RecordDamage[] = [];
  for (const entry of entries.values()) damages.push(...(await verifyFile(folder, entry)).damages);
  const first = new Map(damages.filter(({ id }) => ids.has(id)).map((damage) => [damage.id, damage]));
  return { checked: held.size, damages: [...first.values()] };
}

/** Checks one file; counts those of its records that it brought to the index. */
async function verifyFile(folder: RecordFolder, file: EntryFile): Promise<VerifyPage> {
  const path = entryPath(folder.records, file);
  const read = await readEntry(folder.records, file);
  if ("entry" in read && "erase" in read.entry) return { checked: 0, damages: [] };
  const applied = folder.applied.find(file);
  const brought = new Map<RecordId, StoredRecord>();
  for (const { first, last } of applied === undefined ? [] : folder.applied.spansOf(applied)) {
    const ids = await idsBetween(folder, first, last);
    for (const [id, stored] of await heldRecords(folder, ids)) brought.set(id, stored);
  }
  const said = new Map<RecordId, Said>();
  const turns = new LoopTurns();
  const whole = "entry" in read;
  if (whole && "put" in read.entry) {
    for (const record of read.entry.put) {
      const one = saidOf(record);
      said.set(one.id, one);
      await turns.step();
    }
  } else if (!whole) {
    for (const text of recordTexts(read.text)) {
      const one = saidOf(parsed(text));
      if (!said.has(one.id)) said.set(one.id, one);
      await turns.step();
    }
    // What is left of a record whose text does not end.
    for (const [, id = nobody] of read.text.matchAll(/^ {3}"id": "(urn:uuid:[0-9a-f-]{36})"/gm)) {
      if (!said.has(id)) said.set(id, { id, digest: undefined });
    }
  }
  const damages: RecordDamage[] = [];
  const problem = whole ? undefined : (read.damage ?? "is gone");
  for (const [id, { digest }] of brought) {
    if (said.get(id)?.digest === digest) continue;
    damages.push({ id, digest, message: `${path} ${problem ?? "does not hold the record as it was put"}` });
  }
  if (problem !== undefined && damages.length === 0) {
    // Whatever was altered, readers elsewhere will not take any of it.
    const all =
      brought.size > 0
        ? [...brought.values()].map((one) => ({ id: one.record.id, digest: one.digest }))
        : [...said.values()];
    for (const { id, digest } of all)
      damages.push({ id, digest: digest ?? noDigest, message: `${path} ${problem}` });
    if (all.length === 0) damages.push({ id: nobody, digest: noDigest, message: `${path} ${problem}` });
  }
  if (whole) {
    const others = [...said.values()].filter(({ id }) => !brought.has(id));
    const held = await heldRecords(
      folder,
      others.map(({ id }) => id),
    );
    for (const { id, digest } of others) {
      const winner = held.get(id)?.digest;
      if (digest !== undefined && winner === digest) continue;
      const message =
        digest === undefined || winner === undefined
          ? `${path} does not hold a record that can be read`
          : `${path} holds the record under a digest that stands back behind ${winner}: two writers gave one id to two records; put one of them again under a new id`;
      damages.push({ id, digest: digest ?? noDigest, message });
    }
  }
  return { checked: brought.size, damages };
}

async function idsBetween(folder: RecordFolder, first: number, last: number): Promise<readonly RecordId[]> {
  const { index } = folder.current();
  const limit = last - first + 1;
  const { changes } = await index.store.changes({ cursor: `${index.name}-${first - 1}`, limit });
  return changes.filter(({ type }) => type === "put").map(({ id }) => id);
}

async function heldRecords(
  folder: RecordFolder,
  ids: readonly RecordId[],
): Promise<ReadonlyMap<RecordId, StoredRecord>> {
  if (ids.length === 0) return new Map();
  const { records } = await folder.current().index.store.get({ ids, parts: [] });
  return new Map(records.flatMap((one) => (one === null ? [] : [[one.record.id, one]])));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const id = /"id": "(urn:uuid:[0-9a-f-]{36})"/.exec(text)?.[1];
    return { id };
  }
}

function saidOf(record: unknown): Said {
  const id = (record as { readonly id?: unknown } | null)?.id;
  try {
    const { digest } = checkRecord(record as RmtcRecord);
    return { id: String(id), digest };
  } catch {
    return { id: typeof id === "string" ? id : nobody, digest: undefined };
  }
}
