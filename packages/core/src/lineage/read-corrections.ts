// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ChangeCursor, Direction, Edge } from "@rmtc/contract";
import type { RecordId, RmtcRecord } from "@rmtc/spec";
import { getReadableRecords } from "../get-records.ts";
import type { Workspace } from "../workspace.ts";
import { readEdges } from "./read-edges.ts";
import { reliableBody } from "./reliable-body.ts";

/**
 * Reads the `supersedes` links by which records correct others, or are corrected: all but those that are
 * marked as revisions.
 *
 * @param direction `downstream` finds what corrects the records, `upstream` what they correct.
 * @see spec/draft/provenance.md#revisions-and-corrections
 */
export async function readCorrections(
  workspace: Workspace,
  ids: Iterable<RecordId>,
  direction: Direction,
  asOf: ChangeCursor,
  signal?: AbortSignal,
): Promise<Edge[]> {
  const edges: Edge[] = [];
  const relations = ["supersedes"];
  for await (const edge of readEdges(workspace, { ids, direction, relations, asOf, signal }))
    edges.push(edge);
  if (edges.length === 0) return edges;
  const sources = edges.map((edge) => edge.from);
  const { stored } = await getReadableRecords(workspace.records, sources, ["body"]);
  return edges.filter((edge) => !isRevision(stored.get(edge.from)?.record, edge.index));
}

/** Tells whether a record's body marks one of its links as a revision and not as a correction. */
function isRevision(record: RmtcRecord | undefined, link: number): boolean {
  const details: unknown = record === undefined ? undefined : reliableBody(record)?.supersedes;
  const marks = Array.isArray(details) ? details.filter((detail) => detail?.link === link) : [];
  return marks.length > 0 && marks.every((mark) => mark.as === "revision");
}
