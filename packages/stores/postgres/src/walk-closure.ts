// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import type { CallOptions, ClosurePage, ClosureRequest, Edge, LinkGap, ReachedRecord } from "@rmtc/contract";
import type { Digest, RecordId } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import type { Query } from "./database.ts";
import { readEdges } from "./list-edges.ts";
import { digestOf, idOf, uuidsOf } from "./record-id.ts";

/** Records whose links are read by one statement, and in one page at most. */
const batchSize = 2_000;
/** Links that are read by one statement. */
const windowSize = 8_192;
/** Bytes of one link in an answer: both keys as 64-bit, place and relation as 32-bit integers, and a flag. */
const linkBytes = 25;
const identityBytes = 48;

/** What was reached, in columns; its numbers are never taken away: they are ordinals. */
interface Queue {
  readonly keys: number[];
  readonly parents: number[];
  readonly depths: number[];
  readonly relations: number[];
  readonly places: number[];
  readonly ids: RecordId[];
  readonly digests: Digest[];
}

/** A link of a record in the frontier: the other end, and whether the digest it names is the target's. */
interface Link {
  readonly own: number;
  readonly other: number;
  readonly place: number;
  readonly relation: number;
  readonly matched: boolean;
}

/** Walks a closure breadth first on positions, a batch of the frontier at a time; each batch is its own snapshot. */
export async function* walkClosure(
  catalog: Catalog,
  request: ClosureRequest,
  options: CallOptions | undefined,
): AsyncGenerator<ClosurePage, void> {
  const { direction } = request;
  const { database } = catalog;
  const pageSize = Math.min(request.pageSize ?? batchSize, batchSize);
  const { asOf, ignored, roots } = await database.read(options, async (query) => {
    const head = await catalog.head(query);
    const codes = await catalog.relationCodes(query, request.ignoreRelations ?? []);
    return {
      asOf: request.asOf === undefined ? head : catalog.position(request.asOf, head),
      ignored: [...codes.values()],
      roots: await findPositions(query, request.roots),
    };
  });
  const seen = new Uint8Array((asOf >> 3) + 1);
  const queue: Queue = { keys: [], parents: [], depths: [], relations: [], places: [], ids: [], digests: [] };
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
  for (const id of new Set(request.roots)) {
    const key = roots.get(id);
    if (key !== undefined && key <= asOf) reach(key, -1, 0, 0);
    else gaps.push({ type: "missing", id });
  }
  const cursor = catalog.cursor(asOf);
  let next = 0;
  do {
    const start = next;
    const end = Math.min(queue.keys.length, start + pageSize);
    const batch = queue.keys.slice(start, end);
    // Each link window is a transaction of its own: a reader that waits between pages holds nothing open.
    let ordinal = start;
    for await (const links of readLinks(catalog, direction, batch, ignored, options)) {
      const gapLinks: Link[] = [];
      for (const link of links) {
        while (queue.keys[ordinal] !== link.own) ordinal += 1;
        const visible = link.other > 0 && link.other <= asOf;
        if (visible && link.matched) reach(link.other, ordinal, link.relation, link.place);
        else if (direction === "upstream" || visible) gapLinks.push(link);
      }
      gaps.push(...(await gapsOf(catalog, direction, gapLinks, asOf, options)));
      await setImmediate();
      database.check(options);
      if (gaps.length >= batchSize) {
        yield { records: [], gaps, asOf: cursor };
        gaps = [];
      }
    }
    const records = await readReached(catalog, queue, start, end, direction, options);
    yield { records, gaps, asOf: cursor };
    gaps = [];
    next = end;
  } while (next < queue.keys.length);
}

async function findPositions(query: Query, ids: readonly RecordId[]): Promise<ReadonlyMap<RecordId, number>> {
  const rows = await query<[string, number]>("SELECT id, position FROM record WHERE id = ANY($1::uuid[])", [
    uuidsOf(ids),
  ]);
  return new Map(rows.map(([uuid, position]) => [idOf(uuid), position]));
}

/** Reads the links of a batch in the batch's order, in windows, because one record can have a million of them. */
async function* readLinks(
  catalog: Catalog,
  direction: ClosureRequest["direction"],
  batch: readonly number[],
  ignored: readonly number[],
  options: CallOptions | undefined,
): AsyncGenerator<readonly Link[]> {
  const [own, other] = direction === "upstream" ? ["from_key", "to_key"] : ["to_key", "from_key"];
  const packed = `string_agg(int8send(own) || int8send(other) || int4send(place) || int4send(relation)
    || CASE WHEN matched THEN '\\x01'::bytea ELSE '\\x00'::bytea END, NULL ORDER BY ordinal, from_key, place)`;
  const columns = `e.${own} AS own, e.${other} AS other, e.place, e.relation, e.digest IS NULL AS matched, e.from_key`;
  const wanted = "e.relation <> ALL($1::integer[])";
  const order = `ORDER BY e.from_key, e.place LIMIT ${windowSize}`;
  const read = async (sql: string, parameters: readonly unknown[]): Promise<readonly Link[]> => {
    const rows = await catalog.database.read(options, (query) =>
      query<[Buffer | null]>(`SELECT ${packed} FROM (${sql}) w`, [ignored, ...parameters]),
    );
    return unpackLinks(rows[0]?.[0] ?? undefined);
  };
  let rest = batch;
  while (rest.length > 0) {
    // The limit inside makes the server look up one record after the other, in the order of the batch.
    const links = await read(
      `SELECT f.ordinal, l.* FROM unnest($2::bigint[]) WITH ORDINALITY f(key, ordinal)
       CROSS JOIN LATERAL (SELECT ${columns} FROM edge e WHERE e.${own} = f.key AND ${wanted} ${order}) l
       LIMIT ${windowSize}`,
      [rest],
    );
    yield links;
    if (links.length < windowSize) return;
    let last = links.at(-1) as Link;
    const { own: key } = last;
    for (;;) {
      const from = direction === "upstream" ? key : last.other;
      const more = await read(
        `SELECT 1 AS ordinal, ${columns} FROM edge e
         WHERE e.${own} = $2 AND ${wanted} AND (e.from_key, e.place) > ($3::bigint, $4::integer) ${order}`,
        [key, from, last.place],
      );
      if (more.length > 0) yield more;
      if (more.length < windowSize) break;
      last = more.at(-1) as Link;
    }
    rest = rest.slice(rest.indexOf(key) + 1);
  }
}

function unpackLinks(bytes: Buffer | undefined): readonly Link[] {
  const links: Link[] = [];
  for (let at = 0; bytes !== undefined && at < bytes.byteLength; at += linkBytes) {
    links.push({
      own: readKey(bytes, at),
      other: readKey(bytes, at + 8),
      place: bytes.readInt32BE(at + 16),
      relation: bytes.readInt32BE(at + 20),
      matched: bytes[at + 24] === 1,
    });
  }
  return links;
}

/** A 64-bit integer within ±2⁵³. */
function readKey(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}

async function gapsOf(
  catalog: Catalog,
  direction: ClosureRequest["direction"],
  links: readonly Link[],
  asOf: number,
  options: CallOptions | undefined,
): Promise<readonly LinkGap[]> {
  if (links.length === 0) return [];
  const edges = await catalog.database.read(options, (query) =>
    readEdges(
      query,
      "SELECT e.* FROM unnest($1::bigint[], $2::integer[]) g(key, place) JOIN edge e ON e.from_key = g.key AND e.place = g.place",
      [
        links.map(({ own, other }) => (direction === "upstream" ? own : other)),
        links.map(({ place }) => place),
      ],
    ),
  );
  return edges.map(({ to, edge }) => ({
    type: to > 0 && to <= asOf ? "mismatch" : "missing",
    id: edge.to,
    via: edge,
  }));
}

/** Reads what records of the queue are, and makes the way to each of them. */
async function readReached(
  catalog: Catalog,
  queue: Queue,
  start: number,
  end: number,
  direction: ClosureRequest["direction"],
  options: CallOptions | undefined,
): Promise<readonly ReachedRecord[]> {
  if (start === end) return [];
  const [packed, relations] = await catalog.database.read(options, async (query) => {
    const rows = await query<[Buffer, string]>(
      `SELECT string_agg(uuid_send(r.id) || r.digest, NULL ORDER BY f.ordinal), string_agg(r.kind, ' ' ORDER BY f.ordinal)
       FROM unnest($1::bigint[]) WITH ORDINALITY f(key, ordinal)
       CROSS JOIN LATERAL (SELECT id, digest, kind FROM record WHERE position = f.key LIMIT 1) r`,
      [queue.keys.slice(start, end)],
    );
    return [rows[0], await catalog.relationNames(query, new Set(queue.relations.slice(start, end)))] as const;
  });
  const [identities = Buffer.alloc(0), kinds = ""] = packed ?? [];
  const kindNames = kinds.split(" ");
  const records: ReachedRecord[] = [];
  for (let ordinal = start; ordinal < end; ordinal++) {
    const at = (ordinal - start) * identityBytes;
    const id = idFromBytes(identities, at);
    const digest = digestOf(identities.subarray(at + 16, at + identityBytes));
    queue.ids.push(id);
    queue.digests.push(digest);
    const depth = queue.depths[ordinal] as number;
    const parent = queue.parents[ordinal] as number;
    const found = { id, kind: kindNames[ordinal - start] as string, digest, depth };
    if (parent < 0) records.push(found);
    else records.push({ ...found, via: edgeOf(queue, ordinal, relations, direction) });
  }
  return records;
}

/** The link that reached a record: it names its target's digest, else the walk would not have followed it. */
function edgeOf(
  queue: Queue,
  ordinal: number,
  relations: ReadonlyMap<number, string>,
  direction: ClosureRequest["direction"],
): Edge {
  const parent = queue.parents[ordinal] as number;
  const [newer, older] = direction === "upstream" ? [parent, ordinal] : [ordinal, parent];
  return {
    from: queue.ids[newer] as RecordId,
    rel: relations.get(queue.relations[ordinal] as number) ?? "",
    to: queue.ids[older] as RecordId,
    digest: queue.digests[older] as Digest,
    index: queue.places[ordinal] as number,
  };
}

function idFromBytes(bytes: Buffer, at: number): RecordId {
  const hex = bytes.toString("hex", at, at + 16);
  return idOf(
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
  );
}
