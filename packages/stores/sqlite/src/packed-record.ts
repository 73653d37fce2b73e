// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type DisclosedPart, restoreRecord } from "@rmtc/attest";
import { RmtcError, type StoredRecord } from "@rmtc/contract";
import type { Digest, PartName, RecordId } from "@rmtc/spec";

/**
 * A stored record as it crosses from the thread: its texts as they lie in the file, which costs a third of
 * cloning the record.
 */
export interface PackedRecord {
  readonly id: RecordId;
  readonly digest: Digest;
  readonly position: number;
  /** Milliseconds since 1970. */
  readonly received: number;
  readonly partition: string;
  readonly omitted: readonly PartName[];
  readonly erased: readonly PartName[];
  readonly envelope: string;
  readonly parts: readonly DisclosedPart[];
}

/**
 * Restores a stored record.
 *
 * @throws RMTC_STORE_DAMAGED when its texts are no JSON any more.
 */
export function unpackRecord(packed: PackedRecord): StoredRecord {
  const { digest, position, received, partition, omitted, erased } = packed;
  try {
    const record = restoreRecord(packed.envelope, packed.parts);
    const receivedAt = new Date(received).toISOString();
    return { record, digest, position, receivedAt, partition, omitted, erased };
  } catch (error) {
    throw new RmtcError(
      "RMTC_STORE_DAMAGED",
      `The stored bytes of record ${packed.id} are damaged; verify the store and restore the record from a copy.`,
      { subject: packed.id, cause: error },
    );
  }
}
