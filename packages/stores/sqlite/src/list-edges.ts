// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { type Edge, type EdgesRequest, type EdgesResult, RmtcError } from "@rmtc/contract";
import type { Catalog } from "./catalog.ts";
import { findIds, findKeys } from "./find-keys.ts";
import { digestFromHex } from "./identity.ts";

/** One row of an edge table. */
export type EdgeRow = readonly [from: number, place: number, relation: number, to: number, matched: number];

/** Lists the links from or to records, in order of the linking record's position and the link's place. */
export function listEdges(catalog: Catalog, request: EdgesRequest): EdgesResult {
  const check = checkOf(request);
  const cursor = request.cursor === undefined ? undefined : readCursor(request.cursor, check);
  // A cursor keeps the position of its first page, so that pages neither repeat nor miss an edge.
  const asOf = cursor?.asOf ?? (request.asOf === undefined ? catalog.head() : catalog.position(request.asOf));
  const after = [cursor?.from ?? 0, cursor?.place ?? -1] as const;
  const keys = [...findKeys(catalog, request.ids).values()];
  const codes = request.relations?.map((name) => catalog.relations.find(name) ?? -1);
  const relations = codes === undefined ? "" : ` AND e.relation IN (${codes.join()})`;
  const [table, end] = request.direction === "upstream" ? ["edge", "from_key"] : ["edge_back", "to_key"];
  const wanted = request.limit + 1;
  let rows: EdgeRow[] = [];
  let bound = asOf;
  for (const key of keys) {
    const found = catalog.database.all<EdgeRow>(
      `SELECT e.from_key, e.place, e.relation, e.to_key, e.matched FROM ${table} e
       WHERE e.${end} = ? AND (e.from_key, e.place) > (?, ?) AND e.from_key <= ?${relations}
       ORDER BY e.from_key, e.place LIMIT ?`,
      key,
      ...after,
      bound,
      wanted,
    );
    rows.push(...found);
    if (rows.length < wanted) continue;
    rows = rows.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, wanted);
    bound = rows.at(-1)?.[0] ?? bound;
  }
  rows.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const page = rows.slice(0, request.limit);
  const edges = readEdges(catalog, page);
  const last = page.at(-1);
  if (rows.length <= request.limit || last === undefined) return { edges, asOf: catalog.cursor(asOf) };
  return { edges, next: `${check}-${asOf}-${last[0]}-${last[1]}`, asOf: catalog.cursor(asOf) };
}

/** Reads the edges that rows stand for, in the order of the rows. */
export function readEdges(catalog: Catalog, rows: readonly EdgeRow[]): Edge[] {
  const ids = findIds(catalog, [...new Set(rows.flatMap((row) => [row[0], row[3]]))]);
  const digests = new Map(
    catalog.database.all<[number, string]>(
      `SELECT r.key, lower(hex(r.digest)) FROM json_each(?) j CROSS JOIN record r ON r.key = j.value`,
      JSON.stringify([...new Set(rows.filter((row) => row[4] === 1).map((row) => row[3]))]),
    ),
  );
  return rows.map(([from, place, relation, to, matched]) => ({
    from: ids.get(from) ?? "",
    rel: catalog.relations.name(relation),
    to: ids.get(to) ?? "",
    digest: digestFromHex(
      (matched === 1 ? digests.get(to) : readUnmatchedDigest(catalog, from, place)) ?? "",
    ),
    index: place,
  }));
}

/** Reads the digest that a link names, as hexadecimal digits, when its target does not have it. */
function readUnmatchedDigest(catalog: Catalog, from: number, place: number): string | undefined {
  return catalog.database.get<[string]>(
    "SELECT lower(hex(digest)) FROM unmatched WHERE from_key = ? AND place = ?",
    from,
    place,
  )?.[0];
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
  const [, given, asOf, from, place] = /^([0-9a-f]{12})-(\d{1,15})-(\d{1,15})-(\d{1,15})$/.exec(cursor) ?? [];
  if (given === check) return { asOf: Number(asOf), from: Number(from), place: Number(place) };
  throw new RmtcError(
    "RMTC_CURSOR_INVALID",
    "The page cursor is not from this request; start again from the first page.",
    { pointer: "/cursor" },
  );
}
