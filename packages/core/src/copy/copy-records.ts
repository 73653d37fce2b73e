// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions, Direction, LinkGap, RecordStore, StoredRecord } from "@rmtc/contract";
import type { Digest, PartName, RecordId } from "@rmtc/spec";
import { getRecords } from "../get-records.ts";

/** What is copied, and who is told how far it is. */
export interface CopyOptions extends CallOptions {
  /** Only what these reach, and they themselves; everything unless given. */
  readonly roots?: readonly RecordId[] | undefined;
  /** Which way from the roots; upstream unless given: what they were made from. */
  readonly direction?: Direction | undefined;
  /** Told after each batch how many records were looked at. */
  readonly onProgress?: ((looked: number) => void) | undefined;
}

/** A record that the target holds under another digest. */
export interface CopyConflict {
  readonly id: RecordId;
  readonly sourceDigest: Digest;
  readonly targetDigest: Digest;
}

/** What a copy did. */
export interface CopyReport {
  /** Records that the target did not hold. */
  readonly created: number;
  /** Records of which the target now holds more parts. */
  readonly disclosed: number;
  /** Records of which parts were erased in the target, too. */
  readonly erased: number;
  /** Records that the target held already as they are. */
  readonly known: number;
  /** Not copied: an id names one digest for ever. Both stay as they are, where they are. */
  readonly conflicts: readonly CopyConflict[];
  /** Links of a closure that led nowhere in the source. */
  readonly gaps: readonly LinkGap[];
}

/** Records that are compared and put at once. */
const batchRecords = 500;

/**
 * Copies records from one store to another: ids, digests and partitions stay, what the target holds already is not
 * put again, and what was erased in the source is erased in the target. Whatever ends a copy, the next one goes on:
 * what is there is there whole.
 */
export async function copyRecords(
  source: RecordStore,
  target: RecordStore,
  options: CopyOptions = {},
): Promise<CopyReport> {
  const counts = { created: 0, disclosed: 0, erased: 0, known: 0 };
  const conflicts: CopyConflict[] = [];
  const gaps: LinkGap[] = [];
  let looked = 0;
  const pages = options.roots === undefined ? everyId(source, options) : closureIds(source, options, gaps);
  for await (const ids of pages) {
    for (let start = 0; start < ids.length; start += batchRecords) {
      const batch = ids.slice(start, start + batchRecords);
      await copyBatch(source, target, batch, counts, conflicts, options);
      looked += batch.length;
      options.onProgress?.(looked);
    }
  }
  return { ...counts, conflicts, gaps };
}

/** The ids of everything that ever changed, in the order of their first change. */
async function* everyId(source: RecordStore, options: CallOptions): AsyncGenerator<readonly RecordId[]> {
  const seen = new Set<RecordId>();
  for (let cursor: string | undefined; ; ) {
    const page = await source.changes({ cursor, limit: 10_000 }, options);
    if (page.changes.length === 0) return;
    const fresh = [...new Set(page.changes.map(({ id }) => id))].filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    yield fresh;
    cursor = page.cursor;
  }
}

async function* closureIds(
  source: RecordStore,
  { roots = [], direction = "upstream", signal }: CopyOptions,
  gaps: LinkGap[],
): AsyncGenerator<readonly RecordId[]> {
  for await (const page of source.closure({ roots, direction }, { signal })) {
    gaps.push(...page.gaps);
    yield page.records.map(({ id }) => id);
  }
}

async function copyBatch(
  source: RecordStore,
  target: RecordStore,
  ids: readonly RecordId[],
  counts: { created: number; disclosed: number; erased: number; known: number },
  conflicts: CopyConflict[],
  { signal }: CopyOptions,
): Promise<void> {
  const [given, held] = await Promise.all([getRecords(source, ids), getRecords(target, ids, [])]);
  const wanted: StoredRecord[] = [];
  for (const stored of given.values()) {
    const known = held.get(stored.record.id);
    if (known !== undefined && known.digest !== stored.digest) {
      conflicts.push({ id: stored.record.id, sourceDigest: stored.digest, targetDigest: known.digest });
    } else if (known === undefined || holdsMore(stored, known)) {
      wanted.push(stored);
    } else {
      counts.known += 1;
    }
  }
  for (const { partition, records } of byPartition(wanted)) {
    const { results } = await target.put(
      { records: records.map(({ record }) => record), partition },
      { signal },
    );
    for (const { status } of results) counts[status] += 1;
  }
  for (const stored of given.values()) {
    const { id } = stored.record;
    const known = held.get(id);
    if (known !== undefined && known.digest !== stored.digest) continue;
    const parts = stored.erased.filter((name) => known?.erased.includes(name) !== true);
    if (parts.length === 0) continue;
    await target.erase({ id, parts }, { signal });
    counts.erased += 1;
  }
}

/** Whether a record discloses a part that the other store neither holds nor has erased. */
function holdsMore({ record }: StoredRecord, known: StoredRecord): boolean {
  const there: readonly PartName[] = [...known.omitted, ...known.erased];
  return Object.keys(record.salts ?? {}).some((name) => !there.includes(name as PartName));
}

/** Cuts a list where the partition changes, so that the order stays. */
function byPartition(
  stored: readonly StoredRecord[],
): readonly { readonly partition: string; readonly records: StoredRecord[] }[] {
  const groups: { readonly partition: string; readonly records: StoredRecord[] }[] = [];
  for (const one of stored) {
    const last = groups.at(-1);
    if (last?.partition === one.partition) last.records.push(one);
    else groups.push({ partition: one.partition, records: [one] });
  }
  return groups;
}
