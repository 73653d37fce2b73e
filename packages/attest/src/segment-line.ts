// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type DatasetItem, type Digest, type Salt, type SegmentLine, validateDocument } from "@rmtc/spec";
import { canonicalJson } from "./canonical-json.ts";
import { leafHash } from "./merkle-tree.ts";
import { digestFromBytes } from "./sha256.ts";

/** The most items of one segment. */
export const maxSegmentItems = 65_536;

/** One line of a segment, read and checked. */
export interface ReadSegmentLine {
  /** The line's hash in the segment's tree. */
  readonly leaf: Digest;
  /** Missing where only the leaf is left, after an erasure. */
  readonly item?: DatasetItem;
  readonly salt?: Salt;
}

/**
 * Computes an item's leaf: SHA-256(0x00 ‖ JCS([salt, item])).
 *
 * @see spec/draft/provenance.md#datasets
 */
export function itemLeaf(item: DatasetItem, salt: Salt): Digest {
  return digestFromBytes(leafHash(`["${salt}",${canonicalJson(item, "/item")}]`));
}

/**
 * Reads one line of a segment and computes its leaf.
 *
 * @throws RMTC_DOCUMENT_INVALID when the line is neither an item with its salt nor a bare leaf, or is not
 * canonical JSON.
 * @throws RMTC_JSON_INVALID when the line is not I-JSON.
 */
export function parseSegmentLine(text: string): ReadSegmentLine {
  const line = parseCanonical(text);
  const issue = validateDocument("segmentLine", line);
  if (issue !== undefined) throw invalid(`"${issue.pointer}" ${issue.message}`, issue.pointer);
  const { item, salt, leaf } = line as SegmentLine;
  if (leaf !== undefined && item === undefined && salt === undefined) return { leaf };
  if (item === undefined || salt === undefined || leaf !== undefined) {
    throw invalid("it must have either an item and its salt, or a leaf", "");
  }
  return { leaf: itemLeaf(item, salt), item, salt };
}

/** What reads back to the same text had no double key and no unsafe number in it. */
function parseCanonical(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not JSON", "", cause);
  }
  if (canonicalJson(value) !== text) throw invalid("it is not canonical JSON", "");
  return value;
}

function invalid(reason: string, pointer: string, cause?: unknown): RmtcError {
  return new RmtcError("RMTC_DOCUMENT_INVALID", `A line of a dataset segment is refused: ${reason}.`, {
    pointer,
    cause,
  });
}
