// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkRecord } from "@rmtc/attest";
import { isRmtcError, type PutRequest, type PutResult, type RecordStore } from "@rmtc/contract";

/** Looks up which of a put's records are held already. */
export async function heldIds(good: RecordStore, request: PutRequest): Promise<Set<string>> {
  const ids = request.records.map(({ id }) => id);
  const { records } = await good.get({ ids, parts: [] });
  return new Set(records.flatMap((one) => (one === null ? [] : [one.record.id])));
}

/** Answers a put that was refused for a conflict as though it had been known. */
export async function pretend(error: unknown, good: RecordStore, request: PutRequest): Promise<PutResult> {
  if (!isRmtcError(error, "RMTC_RECORD_CONFLICT")) throw error;
  const results = request.records.map((record) => {
    const { digest } = checkRecord(record);
    return { id: record.id, digest, status: "known" as const };
  });
  return { results, cursor: (await good.head()).cursor };
}
