// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ChangeCursor, Edge } from "@rmtc/contract";
import type { Digest, RecordId } from "@rmtc/spec";

/**
 * What an answer does not know:
 *
 * - `missing` a record that a link names is not held; `mismatch` it is held under another digest
 * - `unproved` something in a store's data that no record proves touches a record
 * - `damaged` a record's stored bytes cannot be read any more
 * - `openInputs` an artifact without activity or origin, or an activity whose inputs are not said to be closed
 * - `unsealed` an activity has not ended; `sealConflict` it has seals that disagree
 * - `unlistedOutput` an output that its activity's seal does not list
 * - `coverage` not every subject of an asset or dataset is known
 * - `redacted` a part that would tell is withheld or erased; `corrected` a notice says that it is wrong
 * - `invalidBody` a body does not match the schema of its kind
 * - `unknownRelation`, `unknownKind` this version does not know what a link or record means
 *
 * @see spec/draft/provenance.md#answers
 */
export type GapType =
  | "missing"
  | "mismatch"
  | "unproved"
  | "damaged"
  | "openInputs"
  | "unsealed"
  | "sealConflict"
  | "unlistedOutput"
  | "coverage"
  | "redacted"
  | "corrected"
  | "invalidBody"
  | "unknownRelation"
  | "unknownKind";

/** One thing that an answer does not know, and where. */
export interface LineageGap {
  readonly type: GapType;
  /** The record at which knowledge ends. */
  readonly record: RecordId;
  readonly message: string;
  /** The link that leads there, for `missing` and `mismatch`. */
  readonly via?: Edge | undefined;
}

/** A record in an answer, and one shortest way to it. */
export interface LineageNode {
  readonly id: RecordId;
  readonly kind: string;
  readonly digest: Digest;
  readonly name?: string | undefined;
  /** Links from the nearest root; 0 for a root. */
  readonly depth: number;
  readonly via?: Edge | undefined;
}

/** When and where an answer holds. */
export interface AsOf {
  /** The record store's change cursor: what was received up to it counts. */
  readonly cursor: ChangeCursor;
  /** UTC time that validity dates are compared with. */
  readonly time: string;
}

/** What every lineage answer carries. */
export interface LineageAnswer {
  readonly asOf: AsOf;
  /** The stores that were asked. */
  readonly scope: readonly string[];
  /** Whether nothing is missing: there are no gaps. */
  readonly complete: boolean;
  readonly gaps: readonly LineageGap[];
}

/** What can be asked of every lineage call. */
export interface LineageOptions {
  /** Only what was received up to here counts; the head unless given. */
  readonly asOf?: ChangeCursor | undefined;
  readonly signal?: AbortSignal | undefined;
}
