// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkRecord, recordDigest } from "@rmtc/attest";
import { type Change, isRmtcError, type PutResult, RmtcError } from "@rmtc/contract";
import type { RecordId, RmtcRecord } from "@rmtc/spec";
import type { SqliteRecordStore } from "@rmtc/store-sqlite";
import type { AppliedEntries } from "./applied-entries.ts";
import { type EntryFile, shardOf } from "./entry-name.ts";
import { replaceEntry, withoutErased } from "./erase-from-files.ts";
import { indexPosition } from "./index-position.ts";
import { type EraseEntry, entryEssence, type JournalEntry, type PutEntry } from "./journal-entry.ts";
import { LoopTurns } from "./loop-turns.ts";
import { readEntry } from "./read-entry.ts";

/** Records that are put into the index together: as many as keep both threads at work. */
const batchRecords = 2_000;
const maxPutRecords = 10_000;
/** Files that are read at the same time. */
const filesAtOnce = 8;

interface Waiting {
  readonly file: EntryFile;
  readonly entry: PutEntry;
}

/** Brings entries into an index, in whatever order they arrive, and keeps what came from which. */
export class EntryApplier {
  readonly #records: string;
  readonly #store: SqliteRecordStore;
  readonly #applied: AppliedEntries;
  readonly #turns = new LoopTurns();
  /** Changes that a process which died left in the index without saying from which entries. */
  readonly #gap: Map<RecordId, Change[]>;
  #waiting: Waiting[] = [];
  #count = 0;
  /** The newest position of the index. */
  last: number;
  /** Files that are no entries. */
  readonly refused: EntryFile[] = [];
  /** Whether the index holds a record that stands back behind another one. */
  conflicting = false;
  /** What kept the index from being cleaned of erased bytes at once. */
  busy: unknown;

  constructor(
    records: string,
    store: SqliteRecordStore,
    applied: AppliedEntries,
    last: number,
    gap: readonly Change[] = [],
  ) {
    this.#records = records;
    this.#store = store;
    this.#applied = applied;
    this.#gap = Map.groupBy(gap, ({ id }) => id);
    this.last = last + gap.length;
  }

  /** Reads files and brings in what they say, as far as they are not in yet. */
  async apply(files: readonly EntryFile[]): Promise<void> {
    for (let start = 0; start < files.length; start += filesAtOnce) {
      const some = files.slice(start, start + filesAtOnce);
      const reads = await Promise.all(some.map((file) => readEntry(this.#records, file)));
      for (const [place, file] of some.entries()) {
        const read = reads[place];
        if (read === undefined || this.#applied.names(file.writer, shardOf(file.number)).has(file.name))
          continue;
        if ("entry" in read) await this.add(file, read.entry);
        else if (read.damage !== undefined) this.refused.push(file);
      }
    }
  }

  /** Brings an entry in; records wait until there are enough of them, or for {@link flush}. */
  async add(file: EntryFile, entry: JournalEntry): Promise<void> {
    if ("erase" in entry) {
      await this.flush();
      await this.#erase(file, entry);
      return;
    }
    let clean: PutEntry | undefined;
    try {
      clean = withoutErased(entry, (id) => this.#applied.erasure(id)?.parts ?? []);
    } catch {
      this.refused.push(file);
      return;
    }
    let kept = file;
    // A reader who may not write at least keeps the parts out of its index.
    if (clean !== undefined) kept = await replaceEntry(this.#records, file, clean).catch(() => file);
    if (kept !== file && this.#applied.names(kept.writer, shardOf(kept.number)).has(kept.name)) return;
    const partition = this.#waiting[0]?.entry.partition;
    const tooMany = this.#count + entry.put.length > maxPutRecords;
    if ((partition !== undefined && partition !== entry.partition) || tooMany) await this.flush();
    this.#waiting.push({ file: kept, entry: clean ?? entry });
    this.#count += entry.put.length;
    if (this.#count >= batchRecords || this.#waiting.length >= batchRecords) await this.flush();
  }

  async flush(): Promise<void> {
    const waiting = this.#waiting;
    const partition = waiting[0]?.entry.partition;
    this.#waiting = [];
    this.#count = 0;
    if (partition === undefined) return;
    let taken = waiting.map(({ file, entry }) => ({ file, entry, records: this.#withoutLosers(entry.put) }));
    const put = (): Promise<PutResult> =>
      this.#store.put({ records: taken.flatMap(({ records }) => records), partition });
    let result: PutResult;
    try {
      result = await put();
    } catch (error) {
      if (!isRmtcError(error, "RMTC_RECORD_CONFLICT", "RMTC_DOCUMENT_INVALID", "RMTC_JSON_INVALID"))
        throw error;
      taken = await this.#sortOut(waiting);
      result = await put();
    }
    let at = 0;
    for (const { file, entry, records } of taken) {
      const results = result.results.slice(at, at + records.length);
      at += records.length;
      await this.#account(file, entry, results);
      await this.#turns.step();
    }
    if (indexPosition(result.cursor) > this.last) throw disagreement();
    for (const { entry } of taken) {
      for (const { id } of entry.put) await this.#eraseArrived(id);
    }
  }

  /** What is left over of changes that nobody accounts for; there should be nothing. */
  get unaccounted(): number {
    return [...this.#gap.values()].flat().length;
  }

  async #account(file: EntryFile, entry: PutEntry, results: PutResult["results"]): Promise<void> {
    const seq = this.#applied.add(file, entryEssence(entry), entry.receivedAt);
    const first = this.last + 1;
    const created = new Set<RecordId>();
    for (const { id, status } of results) {
      if (status !== "known") this.last += 1;
      if (status === "created") created.add(id);
      for (const change of this.#takeGap(id, "put", "disclosure")) {
        if (change.type === "put") created.add(id);
        const position = indexPosition(change.cursor);
        this.#applied.addSpan({ first: position, last: position, entry: seq, received: entry.receivedAt });
      }
    }
    if (this.last >= first) {
      this.#applied.addSpan({ first, last: this.last, entry: seq, received: entry.receivedAt });
    }
    for (const { id } of entry.put) if (!created.has(id)) this.#applied.addExtra(id, seq);
  }

  #takeGap(id: RecordId, ...types: readonly Change["type"][]): readonly Change[] {
    const changes = this.#gap.get(id);
    if (changes === undefined) return [];
    this.#gap.set(
      id,
      changes.filter(({ type }) => !types.includes(type)),
    );
    return changes.filter(({ type }) => types.includes(type));
  }

  #withoutLosers(records: readonly RmtcRecord[]): readonly RmtcRecord[] {
    return records.filter((record) => {
      const losers = this.#applied.losers(record.id);
      return losers.length === 0 || !losers.includes(digestOf(record) ?? "");
    });
  }

  /** Leaves out entries that are not well formed, and of records with one id all but that with the lowest digest. */
  async #sortOut(waiting: readonly Waiting[]): Promise<(Waiting & { records: readonly RmtcRecord[] })[]> {
    const sound: Waiting[] = [];
    const digests = new Map<RmtcRecord, string>();
    for (const one of waiting) {
      try {
        for (const record of one.entry.put) {
          digests.set(record, checkRecord(record).digest);
          await this.#turns.step();
        }
        sound.push(one);
      } catch {
        this.refused.push(one.file);
      }
    }
    const all = sound.flatMap(({ entry }) => entry.put);
    const { records: held } = await this.#store.get({ ids: all.map(({ id }) => id), parts: [] });
    const heldDigests = new Map(held.flatMap((one) => (one === null ? [] : [[one.record.id, one.digest]])));
    const lowest = new Map(heldDigests);
    for (const record of all) {
      const digest = digests.get(record) ?? "";
      const other = lowest.get(record.id);
      if (other === undefined || digest < other) lowest.set(record.id, digest);
      if (other !== undefined && other !== digest) {
        const [, higher = other] = [digest, other].sort();
        this.#applied.addLoser(record.id, higher);
      }
    }
    for (const [id, digest] of heldDigests) if (lowest.get(id) !== digest) this.conflicting = true;
    return sound.map(({ file, entry }) => ({
      file,
      entry,
      records: entry.put.filter((record) => {
        const digest = digests.get(record);
        const other = heldDigests.get(record.id);
        return digest === lowest.get(record.id) && (other === undefined || other === digest);
      }),
    }));
  }

  async #erase(file: EntryFile, entry: EraseEntry): Promise<void> {
    const { id, parts } = entry.erase;
    const seq = this.#applied.add(file, entryEssence(entry), entry.receivedAt);
    this.#applied.addErasure(id, parts, entry.receivedAt);
    for (const change of this.#takeGap(id, "erasure")) {
      const position = indexPosition(change.cursor);
      this.#applied.addSpan({ first: position, last: position, entry: seq, received: entry.receivedAt });
    }
    const position = await this.#eraseIndexed(id, seq, entry.receivedAt);
    if (position === undefined) return;
    const holders = [this.#applied.spanAt(position)?.entry].flatMap(
      (one) => this.#applied.entry(one ?? 0) ?? [],
    );
    for (const holder of [...holders, ...this.#applied.extras(id)]) {
      const read = await readEntry(this.#records, holder);
      if (!("entry" in read) || !("put" in read.entry)) continue;
      const clean = withoutErased(read.entry, (one) => (one === id ? parts : []));
      if (clean === undefined) continue;
      const made = await replaceEntry(this.#records, holder, clean);
      this.#applied.rename(holder, made.name);
    }
  }

  /** Erases parts of a record that came after its erasure. */
  async #eraseArrived(id: RecordId): Promise<void> {
    const erasure = this.#applied.erasure(id);
    if (erasure !== undefined) await this.#eraseIndexed(id, this.#applied.newest, erasure.received);
  }

  /** Erases in the index what is erased of a record, and returns the record's position when it is held. */
  async #eraseIndexed(id: RecordId, seq: number, received: string): Promise<number | undefined> {
    const [held] = (await this.#store.get({ ids: [id], parts: [] })).records;
    if (held === null || held === undefined) return undefined;
    const parts = this.#applied.erasure(id)?.parts ?? [];
    await this.#store.erase({ id, parts }).catch((error: unknown) => {
      if (!isRmtcError(error, "RMTC_STORE_BUSY")) throw error;
      this.busy = error;
    });
    const now = indexPosition((await this.#store.head()).cursor);
    for (const change of this.#takeGap(id, "erasure")) {
      const position = indexPosition(change.cursor);
      this.#applied.addSpan({ first: position, last: position, entry: seq, received });
    }
    if (now > this.last) {
      this.#applied.addSpan({ first: this.last + 1, last: now, entry: seq, received });
      this.last = now;
    }
    return held.position;
  }
}

function digestOf(record: RmtcRecord): string | undefined {
  try {
    return recordDigest(record);
  } catch {
    return undefined;
  }
}

/** The index is not what this machine made; it is made anew. */
export function disagreement(): RmtcError {
  return new RmtcError("RMTC_STORE_DAMAGED", "The index does not agree with the files; it is made anew.");
}
