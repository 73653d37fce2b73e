// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import type { ChangeCursor, ReachedRecord } from "@rmtc/contract";
import type { LikenessKind, Link, RecordId, RmtcRecord } from "@rmtc/spec";
import { getReadableRecords } from "../get-records.ts";
import type { Workspace } from "../workspace.ts";
import { findBrokenLinks } from "./find-broken-links.ts";
import { findGaps } from "./find-gaps.ts";
import { likenessKinds } from "./likeness.ts";
import type { LineageAnswer, LineageGap, LineageNode, LineageOptions } from "./lineage-answer.ts";
import { readClosure } from "./read-closure.ts";
import { type Ledger, readLedger } from "./read-ledger.ts";
import { reliableRecord } from "./reliable-body.ts";

/** A record with all of its links. */
export interface TraceNode extends LineageNode {
  readonly links: readonly Link[];
}

/** Where records came from. */
export interface Trace extends LineageAnswer {
  /** Breadth first, from the roots on. */
  readonly nodes: readonly TraceNode[];
}

/** A trace with what it was read from. */
export interface TraceMaterial {
  readonly reached: ReadonlyMap<RecordId, ReachedRecord>;
  /** The records as far as they can be relied upon. */
  readonly records: ReadonlyMap<RecordId, RmtcRecord>;
  readonly ledger: Ledger;
  readonly gaps: readonly LineageGap[];
  readonly cursor: ChangeCursor;
  /** The relations that were not followed. */
  readonly ignoreRelations: readonly string[];
}

/**
 * Traces records upstream to everything they were made from, with licences, people and environments, and says
 * what is not known on the way.
 */
export async function trace(
  workspace: Workspace,
  roots: readonly RecordId[],
  options: LineageOptions = {},
): Promise<Trace> {
  const material = await readUpstream(
    workspace,
    { roots, ignoreRelations: [], kinds: likenessKinds },
    options,
  );
  return {
    nodes: [...material.reached.values()].map((record) => ({
      ...record,
      name: material.records.get(record.id)?.name,
      links: material.records.get(record.id)?.links ?? [],
    })),
    ...answer(workspace, material.cursor, material.gaps),
  };
}

/** Reads an upstream closure with its records, seals and notices, and finds its gaps. */
export async function readUpstream(
  workspace: Workspace,
  request: {
    readonly roots: readonly RecordId[];
    readonly ignoreRelations: readonly string[];
    readonly kinds: readonly LikenessKind[];
  },
  options: LineageOptions,
): Promise<TraceMaterial> {
  const { roots, ignoreRelations, kinds } = request;
  const { signal } = options;
  const asOf = options.asOf ?? (await workspace.records.head({ signal })).cursor;
  const closure = await readClosure(workspace, {
    roots,
    direction: "upstream",
    ignoreRelations,
    asOf,
    signal,
  });
  const ids = [...closure.records.keys()];
  const { stored, damaged } = await getReadableRecords(workspace.records, ids, ["name", "body"]);
  const ledger = await readLedger(workspace, ids, asOf, signal);
  const gaps = [...closure.gaps];
  for (const record of damaged) {
    gaps.push({ type: "damaged", record, message: "Its stored bytes cannot be read; run `rmtc verify`." });
  }
  const told = new Set(gaps.map(({ record }) => record));
  const records = new Map<RecordId, RmtcRecord>();
  let checked = 0;
  for (const [id, entry] of stored) {
    const record = reliableRecord(entry.record, ledger.facts.get(id) ?? []);
    records.set(id, record);
    gaps.push(...findGaps(entry, record, ledger, kinds));
    for (const gap of findBrokenLinks(entry.record, stored, ignoreRelations)) {
      if (!told.has(gap.record)) gaps.push(gap);
    }
    checked += 1;
    if (checked % 256 === 0) await setImmediate();
  }
  return { reached: closure.records, records, ledger, gaps, cursor: asOf, ignoreRelations };
}

/** The frame of every lineage answer. */
export function answer(
  workspace: Workspace,
  cursor: ChangeCursor,
  gaps: readonly LineageGap[],
): LineageAnswer {
  return {
    asOf: { cursor, time: new Date().toISOString() },
    scope: [workspace.records.name],
    complete: gaps.length === 0,
    gaps,
  };
}
