// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { StoredRecord } from "@rmtc/contract";
import {
  type AssetBody,
  isActivityKind,
  isArtifactKind,
  type LikenessKind,
  type RecordId,
  type RmtcRecord,
  relationOf,
} from "@rmtc/spec";
import { uncoveredKinds } from "./likeness.ts";
import type { LineageGap } from "./lineage-answer.ts";
import type { Ledger } from "./read-ledger.ts";
import { correctingNotices, isKnownKind, reliableBody } from "./reliable-body.ts";

/**
 * Lists what one record of an upstream answer leaves unknown.
 *
 * @param record the stored record as far as it can be relied upon
 * @see spec/draft/provenance.md#answers
 */
export function findGaps(
  stored: StoredRecord,
  record: RmtcRecord,
  ledger: Ledger,
  asked: readonly LikenessKind[],
): LineageGap[] {
  const facts = ledger.facts.get(record.id) ?? [];
  const gaps: LineageGap[] = [];
  const gap = (type: LineageGap["type"], message: string): void => {
    gaps.push({ type, record: record.id, message });
  };
  const bodyIsRedacted = record.body === undefined && record.redacted?.body !== undefined;
  if (record !== stored.record && reliableBody(stored.record) === undefined) {
    gap("invalidBody", `Its body does not match the schema of the kind ${record.kind}.`);
  }
  for (const notice of correctingNotices(record.id, facts)) {
    gap("corrected", `Notice ${notice} says that its body is wrong.`);
  }
  for (const via of ledger.about.get(record.id) ?? []) {
    if (via.digest === stored.digest) continue;
    const message = `${via.from} is about another record under this id.`;
    gaps.push({ type: "mismatch", record: record.id, message, via });
  }
  if (!isKnownKind(record.kind)) gap("unknownKind", `This version does not know the kind ${record.kind}.`);
  for (const link of record.links) {
    if (relationOf(link.rel) === undefined) {
      gap("unknownRelation", `This version does not know what ${link.rel} means, which leads to ${link.to}.`);
    }
  }
  for (const notice of ledger.unreadable.get(record.id) ?? []) {
    gap("redacted", `The facts of notice ${notice} about this record are withheld.`);
  }
  if (isArtifactKind(record.kind)) {
    for (const message of openInputs(record, bodyIsRedacted)) gap("openInputs", message);
    for (const activity of unlistedIn(stored, ledger)) {
      gap("unlistedOutput", `The seal of ${activity} does not list this output.`);
    }
    if (record.kind === "asset" || record.kind === "dataset") {
      const kinds = uncoveredKinds(record, facts, asked);
      if (kinds.length > 0) {
        const why = bodyIsRedacted ? "its coverage is withheld" : "its coverage is not complete";
        gap("coverage", `Not every subject is known for ${kinds.join(", ")}: ${why}.`);
      }
    }
  }
  if (isActivityKind(record.kind)) {
    if (bodyIsRedacted) gap("redacted", "Whether its inputs are closed is withheld.");
    else if ((record.body as { inputsClosed?: unknown } | undefined)?.inputsClosed !== true) {
      gap("openInputs", "It does not say that its links name every input.");
    }
    const seals = new Set(ledger.seals.get(record.id)?.map((seal) => seal.digest));
    if (seals.size === 0)
      gap("unsealed", "It has no seal: it may still make outputs, and nothing says which are its own.");
    if (seals.size > 1) gap("sealConflict", `It has ${seals.size} seals that disagree.`);
  }
  return gaps;
}

function openInputs(record: RmtcRecord, bodyIsRedacted: boolean): string[] {
  if (record.links.some((link) => link.rel === "generatedBy")) return [];
  if ((record.body as AssetBody | undefined)?.origin !== undefined) return [];
  const origin = bodyIsRedacted ? "and its origin is withheld" : "and does not declare its origin";
  return [`No activity made it, as far as it says, ${origin}.`];
}

function unlistedIn({ record, digest }: StoredRecord, ledger: Ledger): RecordId[] {
  return record.links
    .filter((link) => link.rel === "generatedBy")
    .map((link) => link.to)
    .filter((activity) => {
      const seals = ledger.seals.get(activity) ?? [];
      const lists = (seal: StoredRecord): boolean =>
        seal.record.links.some(
          (link) => link.rel === "lists" && link.to === record.id && link.digest === digest,
        );
      return seals.length > 0 && !seals.some(lists);
    });
}
