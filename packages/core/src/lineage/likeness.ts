// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { AssetBody, LikenessKind, RecordId, RmtcRecord } from "@rmtc/spec";
import type { LedgerFact } from "./read-ledger.ts";

/** Every kind of likeness. */
export const likenessKinds: readonly LikenessKind[] = ["face", "body", "voice", "motion", "name"];

/** A subject that a record is known to depict. */
export interface DepictedSubject {
  readonly subject: RecordId;
  readonly kinds: ReadonlySet<LikenessKind>;
  /** The record's own link, or the notice that says so. */
  readonly source: { readonly link: number } | { readonly notice: RecordId };
}

/**
 * Lists whom a record depicts: by its own links, widened by every notice and narrowed by trusted ones, in the
 * order they were received. Where detail is missing or redacted, all kinds of likeness hold.
 */
export function depictedSubjects(record: RmtcRecord, facts: readonly LedgerFact[]): DepictedSubject[] {
  const details = new Map<number, readonly LikenessKind[]>();
  const body = record.body as AssetBody | undefined;
  for (const detail of body?.depicts ?? []) {
    if (detail.kinds !== undefined)
      details.set(detail.link, [...(details.get(detail.link) ?? []), ...detail.kinds]);
  }
  let depicted: DepictedSubject[] = [];
  for (const [link, { rel, to }] of record.links.entries()) {
    if (rel !== "depicts") continue;
    depicted.push({ subject: to, kinds: new Set(details.get(link) ?? likenessKinds), source: { link } });
  }
  for (const { fact, about, subjects, notice, trusted } of facts) {
    if (fact.type !== "depicts" || !about.includes(record.id)) continue;
    const kinds = fact.kinds ?? likenessKinds;
    if (fact.effect === "asserts") {
      for (const subject of subjects) depicted.push({ subject, kinds: new Set(kinds), source: { notice } });
    } else if (trusted) {
      depicted = depicted.flatMap((entry) => {
        if (!subjects.includes(entry.subject)) return [entry];
        const left = new Set([...entry.kinds].filter((kind) => !kinds.includes(kind)));
        return left.size === 0 ? [] : [{ ...entry, kinds: left }];
      });
    }
  }
  return depicted;
}

/**
 * Lists the kinds of likeness for which a record's subjects are not all known: those that its
 * `subjectCoverage`, changed by notices, does not call `complete`.
 */
export function uncoveredKinds(
  record: RmtcRecord,
  facts: readonly LedgerFact[],
  asked: readonly LikenessKind[],
): LikenessKind[] {
  const body = record.body as AssetBody | undefined;
  const complete = new Map(
    likenessKinds.map((kind) => [kind, body?.subjectCoverage?.[kind]?.state === "complete"]),
  );
  for (const { fact, about, trusted } of facts) {
    if (fact.type !== "coverage" || !about.includes(record.id)) continue;
    for (const kind of likenessKinds) {
      const state = fact.coverage?.[kind]?.state;
      if (state === undefined) continue;
      const says = fact.effect === "asserts" && state === "complete";
      if (!says || trusted) complete.set(kind, says);
    }
  }
  return asked.filter((kind) => complete.get(kind) !== true);
}
