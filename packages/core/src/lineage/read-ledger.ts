// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { verifyNotice } from "@rmtc/attest";
import type { ChangeCursor, Edge, StoredRecord } from "@rmtc/contract";
import { type Fact, type RecordId, validateDocument } from "@rmtc/spec";
import { bodyOf } from "../body-of.ts";
import { getReadableRecords } from "../get-records.ts";
import type { Workspace } from "../workspace.ts";
import { readEdges } from "./read-edges.ts";

/** One fact of a notice, with its indexes resolved. */
export interface LedgerFact {
  readonly fact: Fact;
  readonly notice: RecordId;
  /** Whether a configured public key signed it; only then may it narrow an answer. */
  readonly trusted: boolean;
  readonly about: readonly RecordId[];
  readonly subjects: readonly RecordId[];
  /** The licence or consent that the records are under. */
  readonly grantedBy: RecordId | undefined;
}

/** What later records say of earlier ones. */
export interface Ledger {
  /** The links of seals and notices, by the record that they are about. */
  readonly about: ReadonlyMap<RecordId, readonly Edge[]>;
  /** Seals by the activity that they are about. */
  readonly seals: ReadonlyMap<RecordId, readonly StoredRecord[]>;
  /** Facts by every record that a notice names, in the order notices were received. */
  readonly facts: ReadonlyMap<RecordId, readonly LedgerFact[]>;
  /** Notices whose facts are withheld, damaged or not well formed, by every record they are about. */
  readonly unreadable: ReadonlyMap<RecordId, readonly RecordId[]>;
}

/** Reads the seals and notices about records. */
export async function readLedger(
  workspace: Workspace,
  ids: Iterable<RecordId>,
  asOf: ChangeCursor,
  signal?: AbortSignal,
): Promise<Ledger> {
  const about = new Map<RecordId, Edge[]>();
  const sources = new Map<RecordId, Set<RecordId>>();
  const relations = ["about"];
  for await (const edge of readEdges(workspace, { ids, direction: "downstream", relations, asOf, signal })) {
    append(about, edge.to, edge);
    sources.set(edge.from, (sources.get(edge.from) ?? new Set()).add(edge.to));
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
    const resolved = resolveFacts(workspace, entry);
    for (const id of new Set(named)) {
      if (resolved === undefined) append(unreadable, id, record.id);
      else for (const fact of resolved) append(facts, id, fact);
    }
  }
  return { about, seals, facts, unreadable };
}

/** Returns a notice's facts, or `undefined` when it does not say well-formed facts about its own `about` links. */
function resolveFacts(workspace: Workspace, { record }: StoredRecord): LedgerFact[] | undefined {
  if (validateDocument("notice", record.body) !== undefined) return undefined;
  const facts = bodyOf(record, "notice")?.facts ?? [];
  const { trusted } = verifyNotice(record, workspace.trustedKeys);
  const indexes = facts.flatMap(({ about, subjects = [], grantedBy }) =>
    grantedBy === undefined ? [...about, ...subjects] : [...about, ...subjects, grantedBy],
  );
  if (indexes.some((index) => record.links[index]?.rel !== "about")) return undefined;
  const target = (index: number): RecordId[] => {
    const link = record.links[index];
    return link === undefined ? [] : [link.to];
  };
  return facts.map((fact) => ({
    fact,
    notice: record.id,
    trusted,
    about: fact.about.flatMap(target),
    subjects: (fact.subjects ?? []).flatMap(target),
    grantedBy: fact.grantedBy === undefined ? undefined : target(fact.grantedBy)[0],
  }));
}

function append<Value>(map: Map<RecordId, Value[]>, id: RecordId, value: Value): void {
  const values = map.get(id);
  if (values === undefined) map.set(id, [value]);
  else values.push(value);
}
