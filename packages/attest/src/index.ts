// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { canonicalJson } from "./canonical-json.ts";
export {
  type CheckedRecord,
  checkRecord,
  type DisclosedPart,
  recordDigest,
  verifyRecord,
} from "./check-record.ts";
export { makeRecord, newRecordId, type RecordContent, type RecordParts } from "./make-record.ts";
export { mergeDisclosure } from "./merge-disclosure.ts";
export { partHash, partHashOfJson, partNames } from "./part-hash.ts";
export { isTombstone, redact, tombstone } from "./redact.ts";
export { findStoredDamage, restoreRecord } from "./restore-record.ts";
export { newSalt } from "./salt.ts";
export { sha256 } from "./sha256.ts";
