// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ChangeCursor, Direction, LinkGap, ReachedRecord } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import type { Workspace } from "../workspace.ts";
import type { LineageGap } from "./lineage-answer.ts";

/** Everything a closure reached. */
export interface Closure {
  readonly records: ReadonlyMap<RecordId, ReachedRecord>;
  readonly gaps: readonly LineageGap[];
  readonly cursor: ChangeCursor;
}

/** Reads a whole closure from the record store. */
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
  const { signal, ...closure } = request;
  const records = new Map<RecordId, ReachedRecord>();
  const gaps: LineageGap[] = [];
  for await (const page of workspace.records.closure(closure, { signal })) {
    for (const record of page.records) records.set(record.id, record);
    for (const gap of page.gaps) gaps.push(describeLinkGap(gap));
  }
  return { records, gaps, cursor: request.asOf };
}

function describeLinkGap(gap: LinkGap): LineageGap {
  const from = gap.via === undefined ? "" : `, which ${gap.via.from} names as ${gap.via.rel}`;
  const message =
    gap.type === "missing"
      ? `The record${from} is not held here.`
      : `The record${from} is held under another digest than the link says.`;
  return { type: gap.type, record: gap.id, message, via: gap.via };
}
