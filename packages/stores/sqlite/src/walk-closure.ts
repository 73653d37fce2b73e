// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import type { ClosureRequest, LinkGap } from "@rmtc/contract";
import type { Catalog } from "./catalog.ts";
import { findKeys } from "./find-keys.ts";
import { type EdgeRow, readEdges } from "./list-edges.ts";
import type { PackedClosurePage } from "./packed-closure.ts";

/** Records whose links are read by one statement, and in one page at most. */
const batchSize = 2_000;
/** Links that are read by one statement. */
const windowSize = 8_192;
/** After which other calls get a turn. */
const turnMilliseconds = 10;

/** What was reached and not yet looked at, in columns. Its numbers are never taken away: they are ordinals. */
interface Queue {
  readonly keys: number[];
  readonly parents: number[];
  readonly depths: number[];
  readonly relations: number[];
  readonly places: number[];
}

/** Walks a closure breadth first on internal keys, a batch of the frontier at a time. */
export async function* walkClosure(
  catalog: Catalog,
  request: ClosureRequest,
  signal: AbortSignal,
): AsyncGenerator<PackedClosurePage, void> {
  const { direction } = request;
  const pageSize = Math.min(request.pageSize ?? batchSize, batchSize);
  const asOf = request.asOf === undefined ? catalog.head() : catalog.position(request.asOf);
  const ignored = new Set(request.ignoreRelations?.map((name) => catalog.relations.find(name)));
  const seen = new Uint8Array((asOf >> 3) + 1);
  const queue: Queue = { keys: [], parents: [], depths: [], relations: [], places: [] };
  const reach = (key: number, parent: number, relation: number, place: number): void => {
    const bit = 1 << (key & 7);
    const byte = seen[key >> 3] as number;
    if ((byte & bit) !== 0) return;
    seen[key >> 3] = byte | bit;
    queue.keys.push(key);
    queue.parents.push(parent);
    queue.depths.push(parent < 0 ? 0 : (queue.depths[parent] as number) + 1);
    queue.relations.push(relation);
    queue.places.push(place);
  };
  let gaps: LinkGap[] = [];
  const roots = new Set(request.roots);
  const keys = findKeys(catalog, [...roots]);
  for (const id of roots) {
    const key = keys.get(id) ?? 0;
    if (key > 0 && key <= asOf) reach(key, -1, 0, 0);
    else gaps.push({ type: "missing", id });
  }
  const packer = new PagePacker(catalog, queue, asOf);
  let turn = performance.now();
  let start = 0;
  let next = 0;
  do {
    const end = Math.min(queue.keys.length, start + pageSize, next + batchSize);
    const batch = queue.keys.slice(next, end);
    let ordinal = next - 1;
    let current = 0;
    for (const rows of readLinks(catalog, direction, batch)) {
      const gapRows: EdgeRow[] = [];
      for (const [key, other, relation, place, matched] of rows) {
        // Rows come in the order of the batch; records without links have none.
        while (key !== current) {
          ordinal += 1;
          current = queue.keys[ordinal] as number;
        }
        if (ignored.has(relation)) continue;
        if (direction === "upstream") {
          if (matched === 1 && other <= asOf) reach(other, ordinal, relation, place);
          else gapRows.push([key, place, relation, other, matched]);
        } else if (other <= asOf) {
          if (matched === 1) reach(other, ordinal, relation, place);
          else gapRows.push([other, place, relation, key, matched]);
        }
      }
      for (const [index, via] of readEdges(catalog, gapRows).entries()) {
        const target = gapRows[index]?.[3] ?? 0;
        gaps.push({ type: target > 0 && target <= asOf ? "mismatch" : "missing", id: via.to, via });
      }
      if (performance.now() - turn > turnMilliseconds) {
        await setImmediate();
        signal.throwIfAborted();
        turn = performance.now();
      }
      if (gaps.length >= batchSize) {
        yield packer.pack(start, next, gaps);
        start = next;
        gaps = [];
      }
    }
    next = end;
    if (next - start < pageSize && next < queue.keys.length) continue;
    yield packer.pack(start, next, gaps);
    start = next;
    gaps = [];
  } while (next < queue.keys.length);
}

/** A link of a record in the frontier: the other end, and whether the digest it names is the target's. */
type LinkRow = readonly [key: number, other: number, relation: number, place: number, matched: number];

/** Reads the links of a batch in the batch's order, in windows, because one record can have a million of them. */
function* readLinks(
  catalog: Catalog,
  direction: ClosureRequest["direction"],
  batch: readonly number[],
): Generator<readonly LinkRow[]> {
  const [table, own, other] =
    direction === "upstream" ? ["edge", "from_key", "to_key"] : ["edge_back", "to_key", "from_key"];
  const select = `SELECT e.${own}, e.${other}, e.relation, e.place, e.matched FROM`;
  let rest = batch;
  while (rest.length > 0) {
    const rows = catalog.database.all<LinkRow>(
      `${select} json_each(?) j CROSS JOIN ${table} e ON e.${own} = j.value LIMIT ${windowSize}`,
      `[${rest.join()}]`,
    );
    yield rows;
    if (rows.length < windowSize) return;
    const last = rows.at(-1) as LinkRow;
    yield* readRest(catalog, `${select} ${table} e WHERE e.${own} = ?`, last, direction);
    rest = rest.slice(rest.indexOf(last[0]) + 1);
  }
}

/** Reads the links of one record that come after the one given, in windows. */
function* readRest(
  catalog: Catalog,
  select: string,
  after: LinkRow,
  direction: ClosureRequest["direction"],
): Generator<readonly LinkRow[]> {
  for (let last: LinkRow | undefined = after; last !== undefined; ) {
    const [key, other, , place]: LinkRow = last;
    const rows: readonly LinkRow[] = catalog.database.all<LinkRow>(
      `${select} AND (e.from_key, e.place) > (?, ?) ORDER BY e.from_key, e.place LIMIT ${windowSize}`,
      key,
      direction === "upstream" ? key : other,
      place,
    );
    yield rows;
    last = rows.length < windowSize ? undefined : rows.at(-1);
  }
}

/** Makes pages of a queue. */
class PagePacker {
  readonly #catalog: Catalog;
  readonly #queue: Queue;
  readonly #asOf: string;

  constructor(catalog: Catalog, queue: Queue, asOf: number) {
    this.#catalog = catalog;
    this.#queue = queue;
    this.#asOf = catalog.cursor(asOf);
  }

  pack(start: number, end: number, gaps: readonly LinkGap[]): PackedClosurePage {
    const { keys, parents, depths, relations, places } = this.#queue;
    const rows = this.#catalog.database.all<[string, number]>(
      `SELECT lower(hex(r.id) || hex(r.digest)), r.kind
       FROM json_each(?) j CROSS JOIN record r ON r.key = j.value`,
      `[${keys.slice(start, end).join()}]`,
    );
    const kinds = rows.map((row) => row[1]);
    const pageRelations = relations.slice(start, end);
    return {
      identities: rows.map((row) => row[0]).join(""),
      kinds: Int32Array.from(kinds),
      kindNames: new Map([...new Set(kinds)].map((code) => [code, this.#catalog.kinds.name(code)])),
      parents: Int32Array.from(parents.slice(start, end)),
      depths: Int32Array.from(depths.slice(start, end)),
      relations: Int32Array.from(pageRelations),
      relationNames: new Map(
        [...new Set(pageRelations)].map((code) => [code, this.#catalog.relations.name(code)]),
      ),
      places: Int32Array.from(places.slice(start, end)),
      gaps,
      asOf: this.#asOf,
    };
  }
}
