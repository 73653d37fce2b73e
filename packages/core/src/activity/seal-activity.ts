// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { makeRecord } from "@rmtc/attest";
import type { RecordStore, RunStore } from "@rmtc/contract";
import type { RecordId, RmtcRecord, SealBody } from "@rmtc/spec";
import { linksTo, linkTo, type RecordReference } from "../record-link.ts";

/** Makes the seal of an activity: what it made, and how it ended. */
export function makeSeal(
  activity: RecordReference,
  outputs: readonly RecordReference[],
  body: SealBody,
): RmtcRecord {
  return makeRecord({
    kind: "seal",
    links: [linkTo("about", activity), ...linksTo("lists", outputs)],
    body: { ...body },
  });
}

/**
 * Puts a seal with the outputs that come with it, so that a process killed at any moment leaves bytes that
 * {@link recoverSeals} puts again: the run store keeps them, the record store takes them, the run store marks
 * it done.
 */
export async function completeSeal(
  stores: { readonly records: RecordStore; readonly runs: RunStore; readonly partition: string },
  run: RecordId,
  records: readonly RmtcRecord[],
): Promise<void> {
  const { partition } = stores;
  await stores.runs.beginSeal({ run, records, partition });
  await stores.records.put({ records, partition });
  await stores.runs.finishSeal({ run });
}

/** Puts the seals that a killed process began and did not finish. */
export async function recoverSeals(stores: {
  readonly records: RecordStore;
  readonly runs: RunStore;
}): Promise<void> {
  for (const { run, records, partition } of await stores.runs.pendingSeals()) {
    await stores.records.put({ records, partition });
    await stores.runs.finishSeal({ run });
  }
}
