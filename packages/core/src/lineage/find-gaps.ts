// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { StoredRecord } from "@rmtc/contract";
import {
  type AssetBody,
  isActivityKind,
  isArtifactKind,
  kindFamilies,
  type LikenessKind,
  type RecordId,
  type RmtcRecord,
  relationOf,
} from "@rmtc/spec";
import { uncoveredKinds } from "./likeness.ts";
import type { LineageGap } from "./lineage-answer.ts";
import type { Ledger } from "./read-ledger.ts";

const knownKinds: ReadonlySet<string> = new Set(Object.values(kindFamilies).flat());

/** Lists what one record of an upstream answer leaves unknown. */
export function findGaps(stored: StoredRecord, ledger: Ledger, asked: readonly LikenessKind[]): LineageGap[] {
  const { record } = stored;
  const gaps: LineageGap[] = [];
  const gap = (type: LineageGap["type"], message: string): void => {
    gaps.push({ type, record: record.id, message });
  };
  const bodyIsRedacted = record.body === undefined && record.redacted?.body !== undefined;
  if (!knownKinds.has(record.kind)) gap("unknownKind", `This version does not know the kind ${record.kind}.`);
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
    for (const activity of unlistedIn(record, ledger)) {
      gap("unlistedOutput", `The seal of ${activity} does not list this output.`);
    }
    if (record.kind === "asset" || record.kind === "dataset") {
      const kinds = uncoveredKinds(record, ledger.facts.get(record.id) ?? [], asked);
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
    if (seals.size === 0) gap("unsealed", "It has no seal: it may still read inputs and make outputs.");
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

function unlistedIn(record: RmtcRecord, ledger: Ledger): RecordId[] {
  return record.links
    .filter((link) => link.rel === "generatedBy")
    .map((link) => link.to)
    .filter((activity) => {
      const seals = ledger.seals.get(activity) ?? [];
      const lists = (seal: StoredRecord): boolean =>
        seal.record.links.some((link) => link.rel === "lists" && link.to === record.id);
      return seals.length > 0 && !seals.some(lists);
    });
}
