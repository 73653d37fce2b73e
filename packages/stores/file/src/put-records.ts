// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { type CheckedRecord, checkRecord, restoreRecord } from "@rmtc/attest";
import { type CallOptions, type PutRequest, type PutResult, type PutStatus, RmtcError } from "@rmtc/contract";
import type { Digest, RecordId, RmtcRecord } from "@rmtc/spec";
import { cursorsAt } from "./change-cursor.ts";
import { EntryApplier } from "./entry-applier.ts";
import { entryName, entryPath, shardOf } from "./entry-name.ts";
import { entryToText, type JournalEntry } from "./journal-entry.ts";
import { LoopTurns } from "./loop-turns.ts";
import type { RecordFolder } from "./record-folder.ts";
import { makeFolder, writeDurably } from "./write-durably.ts";

interface Incoming {
  readonly record: RmtcRecord;
  readonly checked: CheckedRecord;
}

/** @throws RMTC_DOCUMENT_INVALID, RMTC_JSON_INVALID */
export async function checkIncoming(
  records: readonly RmtcRecord[],
  options: CallOptions | undefined,
): Promise<readonly Incoming[]> {
  const turns = new LoopTurns();
  const incoming: Incoming[] = [];
  for (const record of records) {
    const checked = checkRecord(record);
    incoming.push({ record: restoreRecord(checked.envelope, checked.disclosed), checked });
    await turns.step();
    options?.signal?.throwIfAborted();
  }
  return incoming;
}

/**
 * Puts checked records: one file holds what is new of them.
 *
 * @throws RMTC_RECORD_CONFLICT when an id is held, or given twice, under another digest.
 */
export async function putRecords(
  folder: RecordFolder,
  incoming: readonly Incoming[],
  partition: NonNullable<PutRequest["partition"]>,
  options: CallOptions | undefined,
): Promise<PutResult> {
  return folder.turn(async () => {
    await folder.catchUp(false);
    const { index } = folder.current();
    const ids = incoming.map(({ record }) => record.id);
    const { records: held } = await index.store.get({ ids, parts: [] }, options);
    const known = new Map<RecordId, { digest: Digest; closed: Set<string> }>();
    for (const one of held) {
      if (one === null) continue;
      known.set(one.record.id, { digest: one.digest, closed: new Set([...one.omitted, ...one.erased]) });
    }
    const put: RmtcRecord[] = [];
    const results = incoming.map(({ record, checked }) => {
      const { id } = record;
      const { digest } = checked;
      const before = known.get(id);
      if (before !== undefined && before.digest !== digest) throw conflict(id, before.digest, digest);
      const erased: readonly string[] = folder.applied.erasure(id)?.parts ?? [];
      const shown = checked.disclosed.filter(({ name }) => !erased.includes(name));
      const fresh = before === undefined || shown.some(({ name }) => !before.closed.has(name));
      const status: PutStatus = before === undefined ? "created" : fresh ? "disclosed" : "known";
      if (fresh) put.push(erased.length === 0 ? record : restoreRecord(checked.envelope, shown));
      const closed = new Set([...(before?.closed ?? []), ...shown.map(({ name }) => name)]);
      known.set(id, { digest, closed });
      return { id, digest, status };
    });
    options?.signal?.throwIfAborted();
    if (put.length > 0) await writeEntry(folder, (head) => ({ ...head, partition, put }), options);
    const { last, head } = folder.current();
    return { results, cursor: cursorsAt(head)(last) };
  }, options?.signal);
}

/** Writes an entry to a file of its own and brings it into the index; a call that fails leaves no file. Only in a turn. */
export async function writeEntry(
  folder: RecordFolder,
  make: (head: { writer: string; number: number; receivedAt: string }) => JournalEntry,
  options: CallOptions | undefined,
): Promise<EntryApplier> {
  const { index, last } = folder.current();
  const { writer, next: number } = folder.journal.settings();
  const entry = make({ writer, number, receivedAt: new Date().toISOString() });
  const bytes = Buffer.from(await entryToText(entry));
  options?.signal?.throwIfAborted();
  const file = { writer, number, name: entryName(number, bytes) };
  const path = entryPath(folder.records, file);
  if (!folder.applied.shards().some((one) => one.writer === writer && one.shard === shardOf(number))) {
    await makeFolder(folder.folder.path, dirname(path));
  }
  await writeDurably(dirname(path), file.name, bytes);
  const applier = new EntryApplier(folder.records, index.store, folder.applied, last);
  try {
    await applier.add(file, entry);
    await folder.settle(applier);
  } catch (error) {
    // What was erased stays erased: the call can be repeated.
    if ("put" in entry) await unlink(path).catch(() => undefined);
    throw error;
  }
  folder.journal.set({ next: number + 1 });
  return applier;
}

function conflict(id: RecordId, held: Digest, digest: Digest): RmtcError {
  return new RmtcError(
    "RMTC_RECORD_CONFLICT",
    `Record ${id} is held with the digest ${held}, not ${digest}; give the new record a new id, or import it apart.`,
    { subject: id },
  );
}
