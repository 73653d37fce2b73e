// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ChangeCursor, Direction, Edge } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import { getReadableRecords } from "../get-records.ts";
import { isRevision } from "../supersession.ts";
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
  return edges.filter((edge) => {
    const source = stored.get(edge.from)?.record;
    return source === undefined || !isRevision(reliableBody(source), edge.index);
  });
}
