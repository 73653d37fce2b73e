// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { sha256 } from "@rmtc/attest";
import { type Edge, type EdgesRequest, type PageCursor, RmtcError } from "@rmtc/contract";

/** An edge with the position of the record that holds it. */
export interface PlacedEdge {
  readonly position: number;
  readonly edge: Edge;
}

/** Sorts edges by position and index, and cuts out the page that the request asks for. */
export function edgePage(
  placed: readonly PlacedEdge[],
  request: EdgesRequest,
): { readonly edges: readonly Edge[]; readonly next?: PageCursor } {
  const after = decodeEdgeCursor(request);
  const rest = placed
    .filter(({ position, edge }) => after === undefined || comparePlaces([position, edge.index], after) > 0)
    .sort((a, b) => comparePlaces([a.position, a.edge.index], [b.position, b.edge.index]));
  const page = rest.slice(0, request.limit);
  const edges = page.map(({ edge }) => edge);
  const last = page.at(-1);
  if (last === undefined || rest.length === page.length) return { edges };
  const place = [checkOf(request), last.position, last.edge.index];
  return { edges, next: Buffer.from(JSON.stringify(place)).toString("base64url") };
}

function decodeEdgeCursor(request: EdgesRequest): readonly [number, number] | undefined {
  if (request.cursor === undefined) return undefined;
  try {
    const place: unknown = JSON.parse(Buffer.from(request.cursor, "base64url").toString());
    if (Array.isArray(place) && place[0] === checkOf(request)) return [Number(place[1]), Number(place[2])];
  } catch {
    // Falls through: whatever is not JSON is as foreign as a cursor of another request.
  }
  throw new RmtcError("RMTC_CURSOR_INVALID", "The page cursor is not from this request; start without one.", {
    pointer: "/cursor",
  });
}

function comparePlaces(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] - b[0] || a[1] - b[1];
}

function checkOf({ ids, direction, relations, asOf }: EdgesRequest): string {
  return sha256(JSON.stringify([ids, direction, relations ?? null, asOf ?? null]));
}
