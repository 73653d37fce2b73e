// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CheckedRecord, type DisclosedPart, partNames, restoreRecord } from "@rmtc/attest";
import type { StoredRecord } from "@rmtc/contract";
import type { Digest, PartName, RmtcRecord, Timestamp } from "@rmtc/spec";

/** One record as the memory store holds it. A row is never changed, only replaced. */
export interface RecordRow {
  readonly position: number;
  readonly receivedAt: Timestamp;
  readonly partition: string;
  readonly digest: Digest;
  /** The canonical JSON of the envelope. */
  readonly envelope: string;
  readonly disclosed: ReadonlyMap<PartName, DisclosedPart>;
  readonly erased: ReadonlySet<PartName>;
  /** Everything that is disclosed, to look at; never handed out, because callers might change it. */
  readonly record: RmtcRecord;
}

/** Makes the row of a record that is new. */
export function rowFromChecked(
  checked: CheckedRecord,
  received: Pick<RecordRow, "position" | "receivedAt" | "partition">,
): RecordRow {
  const disclosed = new Map(checked.disclosed.map((part) => [part.name, part]));
  return {
    ...received,
    digest: checked.digest,
    envelope: checked.envelope,
    disclosed,
    erased: new Set(),
    record: restoreRecord(checked.envelope, disclosed.values()),
  };
}

/** Adds the parts that a row does not hold and has not erased; returns the row itself when there are none. */
export function discloseParts(row: RecordRow, parts: readonly DisclosedPart[]): RecordRow {
  const added = parts.filter(({ name }) => !row.disclosed.has(name) && !row.erased.has(name));
  if (added.length === 0) return row;
  const disclosed = new Map([...row.disclosed, ...added.map((part) => [part.name, part] as const)]);
  return { ...row, disclosed, record: restoreRecord(row.envelope, disclosed.values()) };
}

/** Erases parts that the record has, held or not; returns the row itself when all of them are erased already. */
export function eraseParts(row: RecordRow, parts: readonly PartName[]): RecordRow {
  const { record } = row;
  const present = parts.filter((name) => record[name] !== undefined || record.redacted?.[name] !== undefined);
  if (present.every((name) => row.erased.has(name))) return row;
  const erased = new Set([...row.erased, ...present]);
  const disclosed = new Map([...row.disclosed].filter(([name]) => !erased.has(name)));
  return { ...row, disclosed, erased, record: restoreRecord(row.envelope, disclosed.values()) };
}

/** Returns a row as the contract shows it, with the wanted parts, or all that are held. */
export function storedFromRow(row: RecordRow, parts: readonly PartName[] = partNames): StoredRecord {
  const held = [...row.disclosed.values()];
  return {
    record: restoreRecord(
      row.envelope,
      held.filter(({ name }) => parts.includes(name)),
    ),
    digest: row.digest,
    position: row.position,
    receivedAt: row.receivedAt,
    partition: row.partition,
    omitted: held.map(({ name }) => name).filter((name) => !parts.includes(name)),
    erased: partNames.filter((name) => row.erased.has(name)),
  };
}
