// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { makeRecord, newRecordId, type RecordContent, recordDigest } from "@rmtc/attest";
import type { PutResult, RecordStore } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";

type Link = RmtcRecord["links"][number];

/** Makes an asset with a name, or whatever is given. */
export function sample(content: Partial<RecordContent> = {}): RmtcRecord {
  return makeRecord({ kind: "asset", name: "sample", ...content });
}

/** Makes an asset without any part: the cheapest record there is. */
export function bare(links: readonly Link[] = []): RmtcRecord {
  return makeRecord({ kind: "asset", links: [...links] });
}

/** Links to a record as it is. */
export function linkTo(target: RmtcRecord, rel = "derivedFrom"): Link {
  return { rel, to: target.id, digest: recordDigest(target) };
}

/** Links to a record that nobody holds. */
export function linkToNowhere(rel = "derivedFrom"): Link {
  return linkTo(makeRecord({ id: newRecordId(), kind: "asset" }), rel);
}

/** Makes bare records, each derived from the one before. */
export function chain(length: number, first: RmtcRecord = bare()): RmtcRecord[] {
  const records = [first];
  for (let last = first; records.length < length; ) {
    last = bare([linkTo(last)]);
    records.push(last);
  }
  return records;
}

/** Makes bare records, each derived from `root`. */
export function fan(width: number, root: RmtcRecord): RmtcRecord[] {
  return Array.from({ length: width }, () => bare([linkTo(root)]));
}

/** Puts records, in as many puts as the store's limit needs; returns the last result. */
export async function putAll(store: RecordStore, records: readonly RmtcRecord[]): Promise<PutResult> {
  const most = Math.min(store.capabilities.maxPutRecords, 2_000);
  let result = await store.put({ records: records.slice(0, most) });
  for (let start = most; start < records.length; start += most) {
    result = await store.put({ records: records.slice(start, start + most) });
  }
  return result;
}
