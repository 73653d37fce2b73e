// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ChangeCursor, Direction, Edge, LinkGap, ReachedRecord } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import { getRecords } from "../get-records.ts";
import type { Workspace } from "../workspace.ts";
import type { LineageGap } from "./lineage-answer.ts";
import { readCorrections } from "./read-corrections.ts";

/** Everything a walk reached. */
export interface Closure {
  readonly records: ReadonlyMap<RecordId, ReachedRecord>;
  readonly gaps: readonly LineageGap[];
}

/**
 * Reads a whole closure from the record store, and those of the corrections that belong to it: upstream, of
 * every record that corrects one that was reached; downstream, of every record that a reached one corrects.
 */
export async function readClosure(
  workspace: Workspace,
  request: {
    readonly roots: readonly RecordId[];
    readonly direction: Direction;
    readonly ignoreRelations: readonly string[];
    readonly asOf: ChangeCursor;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Closure> {
  const { direction, asOf, signal, ignoreRelations } = request;
  const records = new Map<RecordId, ReachedRecord>();
  const gaps = new Map<string, LineageGap>();
  const addGap = (gap: LineageGap): void => {
    gaps.set(`${gap.type} ${gap.record} ${gap.via?.from} ${gap.via?.index}`, gap);
  };
  let starts = new Map<RecordId, Edge | undefined>(request.roots.map((root) => [root, undefined]));
  while (starts.size > 0) {
    const added: RecordId[] = [];
    const closure = { roots: [...starts.keys()], direction, ignoreRelations, asOf };
    for await (const page of workspace.records.closure(closure, { signal })) {
      for (const record of page.records) {
        if (records.has(record.id)) continue;
        const via = record.via ?? starts.get(record.id);
        const before = via === undefined ? undefined : records.get(otherEnd(via, record.id));
        records.set(record.id, { ...record, via, depth: before === undefined ? 0 : before.depth + 1 });
        added.push(record.id);
      }
      for (const gap of page.gaps) addGap(describeLinkGap(gap));
    }
    starts = new Map();
    const back = direction === "upstream" ? "downstream" : "upstream";
    const corrections = await readCorrections(workspace, added, back, asOf, signal);
    const held = await getRecords(
      workspace.records,
      corrections.map((edge) => edge.to),
      [],
    );
    for (const edge of corrections) {
      const digest = held.get(edge.to)?.digest;
      if (digest !== edge.digest) {
        const type = digest === undefined ? "missing" : "mismatch";
        addGap(describeLinkGap({ type, id: edge.to, via: edge }));
        continue;
      }
      const next = direction === "upstream" ? edge.from : edge.to;
      if (!records.has(next)) starts.set(next, edge);
    }
  }
  return { records, gaps: [...gaps.values()] };
}

/** The record from which a walk took a link to `id`: a link is taken both ways, corrections against the rest. */
export function otherEnd(via: Edge, id: RecordId): RecordId {
  return via.from === id ? via.to : via.from;
}

function describeLinkGap(gap: LinkGap): LineageGap {
  const from = gap.via === undefined ? "" : `, which ${gap.via.from} names as ${gap.via.rel}`;
  const messages = {
    missing: `The record${from} is not held here.`,
    mismatch: `The record${from} is held under another digest than the link says.`,
    unproved: "Something that no record proves was joined to the record in the store's own data.",
  };
  return { type: gap.type, record: gap.id, message: messages[gap.type], via: gap.via };
}
