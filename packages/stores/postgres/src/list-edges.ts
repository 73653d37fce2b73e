// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { type CallOptions, type Edge, type EdgesRequest, type EdgesResult, RmtcError } from "@rmtc/contract";
import type { Catalog } from "./catalog.ts";
import type { Query } from "./database.ts";
import { digestOf, idOf, uuidsOf } from "./record-id.ts";
import { SqlParameters } from "./sql-text.ts";

/** Lists the links from or to records, one page of them. */
export async function listEdges(
  catalog: Catalog,
  request: EdgesRequest,
  options: CallOptions | undefined,
): Promise<EdgesResult> {
  const check = checkOf(request);
  const after = request.cursor === undefined ? undefined : readCursor(request.cursor, check);
  return await catalog.database.read(options, async (query) => {
    const head = await catalog.head(query);
    const asOf = after?.asOf ?? (request.asOf === undefined ? head : catalog.position(request.asOf, head));
    const parameters = new SqlParameters();
    const ids = parameters.add(uuidsOf(request.ids), "uuid[]");
    const conditions =
      request.direction === "upstream"
        ? [`e.from_key IN (SELECT position FROM record WHERE id = ANY(${ids}))`]
        : [
            `e.to_key IN (SELECT position FROM record WHERE id = ANY(${ids})
                          UNION ALL SELECT key FROM absent WHERE id = ANY(${ids}))`,
          ];
    conditions.push(`e.from_key <= ${parameters.add(asOf, "bigint")}`);
    if (request.relations !== undefined) {
      const names = parameters.add([...request.relations], "text[]");
      conditions.push(`e.relation IN (SELECT code FROM relation WHERE name = ANY(${names}))`);
    }
    if (after !== undefined) {
      const place = `${parameters.add(after.from, "bigint")}, ${parameters.add(after.place, "integer")}`;
      conditions.push(`(e.from_key, e.place) > (${place})`);
    }
    const rows = await readEdges(
      query,
      `SELECT * FROM edge e WHERE ${conditions.join(" AND ")} ORDER BY e.from_key, e.place
       LIMIT ${request.limit + 1}`,
      parameters.values,
    );
    const page = rows.slice(0, request.limit);
    const edges = page.map(({ edge }) => edge);
    const last = page.at(-1);
    if (rows.length <= request.limit || last === undefined) return { edges, asOf: catalog.cursor(asOf) };
    return {
      edges,
      next: `${check}-${asOf}-${last.from}-${last.edge.index}`,
      asOf: catalog.cursor(asOf),
    };
  });
}

/** An edge with the keys of its ends. */
export interface PlacedEdge {
  readonly from: number;
  readonly to: number;
  readonly edge: Edge;
}

/** Reads the edges that a statement's rows of `edge` stand for, in their order. */
export async function readEdges(
  query: Query,
  rowsSql: string,
  parameters: readonly unknown[],
): Promise<readonly PlacedEdge[]> {
  const rows = await query<[number, number, string, number, string, string, Buffer]>(
    `SELECT e.from_key, e.place, l.name, e.to_key, f.id, coalesce(t.id, a.id), coalesce(e.digest, t.digest)
     FROM (${rowsSql}) e JOIN relation l ON l.code = e.relation JOIN record f ON f.position = e.from_key
     LEFT JOIN record t ON t.position = e.to_key LEFT JOIN absent a ON a.key = e.to_key
     ORDER BY e.from_key, e.place`,
    parameters,
  );
  return rows.map(([from, index, rel, to, fromUuid, toUuid, digest]) => ({
    from,
    to,
    edge: { from: idOf(fromUuid), rel, to: idOf(toUuid), digest: digestOf(digest), index },
  }));
}

function checkOf({ ids, direction, relations, asOf }: EdgesRequest): string {
  return hash("sha256", JSON.stringify([ids, direction, relations ?? null, asOf ?? null])).slice(0, 12);
}

/** Where a page of edges starts. */
interface EdgePlace {
  readonly asOf: number;
  readonly from: number;
  readonly place: number;
}

function readCursor(cursor: string, check: string): EdgePlace {
  const [, given, asOf, from, place] = /^([0-9a-f]{12})-(\d{1,15})-(\d{1,15})-(\d{1,9})$/.exec(cursor) ?? [];
  if (given === check) return { asOf: Number(asOf), from: Number(from), place: Number(place) };
  throw new RmtcError(
    "RMTC_CURSOR_INVALID",
    "The page cursor is not from this request; start again from the first page.",
    { pointer: "/cursor" },
  );
}
