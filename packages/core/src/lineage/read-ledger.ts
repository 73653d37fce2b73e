// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { verifyNotice } from "@rmtc/attest";
import type { ChangeCursor, StoredRecord } from "@rmtc/contract";
import { type Fact, type RecordId, validateDocument } from "@rmtc/spec";
import { bodyOf } from "../body-of.ts";
import { getReadableRecords } from "../get-records.ts";
import type { Workspace } from "../workspace.ts";

/** One fact of a notice, with its indexes resolved. */
export interface LedgerFact {
  readonly fact: Fact;
  readonly notice: RecordId;
  /** Whether a configured public key signed it; only then may it narrow an answer. */
  readonly trusted: boolean;
  readonly about: readonly RecordId[];
  readonly subjects: readonly RecordId[];
}

/** What later records say of earlier ones. */
export interface Ledger {
  /** Seals by the activity that they are about. */
  readonly seals: ReadonlyMap<RecordId, readonly StoredRecord[]>;
  /** Facts by every record that a notice names, in the order notices were received. */
  readonly facts: ReadonlyMap<RecordId, readonly LedgerFact[]>;
  /** Notices whose facts are withheld, damaged or not well formed, by every record they name: the widest reading holds. */
  readonly unreadable: ReadonlyMap<RecordId, readonly RecordId[]>;
}

const batchRecords = 500;

/** Reads the seals and notices about records. */
export async function readLedger(
  workspace: Workspace,
  ids: Iterable<RecordId>,
  asOf: ChangeCursor,
  signal?: AbortSignal,
): Promise<Ledger> {
  const sources = new Map<RecordId, Set<RecordId>>();
  const wanted = [...new Set(ids)];
  for (let start = 0; start < wanted.length; start += batchRecords) {
    const batch = wanted.slice(start, start + batchRecords);
    let cursor: string | undefined;
    do {
      const page = await workspace.records.edges(
        { ids: batch, direction: "downstream", relations: ["about"], limit: 10_000, cursor, asOf },
        { signal },
      );
      for (const { from, to } of page.edges) sources.set(from, (sources.get(from) ?? new Set()).add(to));
      cursor = page.next;
    } while (cursor !== undefined);
  }
  const seals = new Map<RecordId, StoredRecord[]>();
  const facts = new Map<RecordId, LedgerFact[]>();
  const unreadable = new Map<RecordId, RecordId[]>();
  const { stored, damaged } = await getReadableRecords(workspace.records, sources.keys(), ["body"]);
  for (const source of damaged) for (const id of sources.get(source) ?? []) append(unreadable, id, source);
  for (const entry of [...stored.values()].sort((a, b) => a.position - b.position)) {
    const { record } = entry;
    const named = record.links.filter((link) => link.rel === "about").map((link) => link.to);
    if (record.kind === "seal") for (const id of new Set(named)) append(seals, id, entry);
    if (record.kind !== "notice") continue;
    if (validateDocument("notice", record.body) !== undefined) {
      for (const id of new Set(named)) append(unreadable, id, record.id);
    } else
      for (const fact of resolveFacts(workspace, entry))
        for (const id of new Set(named)) append(facts, id, fact);
  }
  return { seals, facts, unreadable };
}

function resolveFacts(workspace: Workspace, stored: StoredRecord): LedgerFact[] {
  const { record } = stored;
  const facts = bodyOf(record, "notice")?.facts ?? [];
  const { trusted } = verifyNotice(record, workspace.trustedKeys);
  const targets = (indexes: readonly number[] | undefined): RecordId[] =>
    (indexes ?? []).flatMap((index) => record.links[index]?.to ?? []);
  return facts.map((fact) => ({
    fact,
    notice: record.id,
    trusted,
    about: targets(fact.about),
    subjects: targets(fact.subjects),
  }));
}

function append<Value>(map: Map<RecordId, Value[]>, id: RecordId, value: Value): void {
  const values = map.get(id);
  if (values === undefined) map.set(id, [value]);
  else values.push(value);
}
