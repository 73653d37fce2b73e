// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { StoredRecord } from "@rmtc/contract";
import type { RecordId, RmtcRecord } from "@rmtc/spec";
import type { LineageGap } from "./lineage-answer.ts";

/**
 * Lists the links of a record that do not lead to what they name, by the links themselves: a store's index does
 * not know of records that were taken out of its files behind its back.
 */
export function findBrokenLinks(
  { id, links }: RmtcRecord,
  stored: ReadonlyMap<RecordId, StoredRecord>,
  ignoreRelations: readonly string[],
): LineageGap[] {
  const gaps: LineageGap[] = [];
  for (const [index, { rel, to, digest }] of links.entries()) {
    const held = stored.get(to)?.digest;
    if (held === digest || ignoreRelations.includes(rel)) continue;
    const [type, state] =
      held === undefined
        ? (["missing", "not held here"] as const)
        : (["mismatch", "held under another digest than the link says"] as const);
    const message = `The record, which ${id} names as ${rel}, is ${state}.`;
    gaps.push({ type, record: to, message, via: { from: id, rel, to, digest, index } });
  }
  return gaps;
}
