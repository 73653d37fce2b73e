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
export { digestFile } from "./digest-file.ts";
export { HistoryHasher } from "./history-hasher.ts";
export { type ItemProof, proveItem, type TreeProof, verifyItemProof } from "./item-proof.ts";
export { itemsRoot, segmentRoot } from "./items-root.ts";
export { makeRecord, newRecordId, type RecordContent, type RecordParts } from "./make-record.ts";
export { mergeDisclosure } from "./merge-disclosure.ts";
export { type NoticeTrust, noticePayloadType, signNotice, verifyNotice } from "./notice-signature.ts";
export { type ParseJsonOptions, parseJson } from "./parse-json.ts";
export { partHash, partHashOfJson, partNames } from "./part-hash.ts";
export { readSegment } from "./read-segment.ts";
export { isTombstone, redact, tombstone } from "./redact.ts";
export { findStoredDamage, restoreRecord } from "./restore-record.ts";
export { newSalt } from "./salt.ts";
export { sealedTextDigest } from "./sealed-text.ts";
export { SegmentBuilder } from "./segment-builder.ts";
export {
  itemLeaf,
  maxSegmentItems,
  parseSegmentLine,
  type ReadSegmentLine,
} from "./segment-line.ts";
export { sha256 } from "./sha256.ts";
export { keyId } from "./signing-key.ts";
