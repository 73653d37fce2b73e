// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest, RecordId } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import type { Query } from "./database.ts";
import type { NewRecord } from "./put-records.ts";
import { bytesOf, digestOf, idOf, uuidOf } from "./record-id.ts";

/** Where a link leads: a held record with its digest, or the key of one that is not held. */
interface LinkTarget {
  readonly key: number;
  readonly digest?: Digest;
}

/** Leads the links that waited for new records to them. */
export async function joinArrivals(query: Query, created: readonly NewRecord[]): Promise<void> {
  if (created.length === 0) return;
  const arrivals = await query<[number, number, Buffer]>(
    `WITH arrived AS (DELETE FROM absent WHERE id = ANY($1::uuid[]) RETURNING key, id)
     SELECT a.key, r.position, r.digest FROM arrived a JOIN record r ON r.id = a.id`,
    [created.map(({ record }) => uuidOf(record.id))],
  );
  if (arrivals.length === 0) return;
  await query(
    `UPDATE edge e SET to_key = a.position, digest = CASE WHEN e.digest = a.digest THEN NULL ELSE e.digest END
     FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) a(key, position, digest) WHERE e.to_key = a.key`,
    [
      arrivals.map(([key]) => key),
      arrivals.map(([, position]) => position),
      arrivals.map(([, , digest]) => digest),
    ],
  );
}

/** Writes the links of new records, which must be in their table already. */
export async function insertEdges(
  catalog: Catalog,
  query: Query,
  created: readonly NewRecord[],
): Promise<void> {
  const links = created.flatMap(({ record, position }) =>
    record.links.map((link, place) => ({ ...link, position, place })),
  );
  if (links.length === 0) return;
  const codes = await catalog.addRelations(query, new Set(links.map(({ rel }) => rel)));
  const targets = await findTargets(query, new Set(links.map(({ to }) => to)));
  await query(
    "INSERT INTO edge SELECT * FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::bigint[], $5::bytea[])",
    [
      links.map(({ position }) => position),
      links.map(({ place }) => place),
      links.map(({ rel }) => codes.get(rel)),
      links.map(({ to }) => targets.get(to)?.key),
      links.map(({ to, digest }) => (targets.get(to)?.digest === digest ? null : bytesOf(digest))),
    ],
  );
}

/** Finds the targets of links, and gives those that are not held a key to wait under. */
async function findTargets(
  query: Query,
  ids: ReadonlySet<RecordId>,
): Promise<ReadonlyMap<RecordId, LinkTarget>> {
  const targets = new Map<RecordId, LinkTarget>();
  const held = await query<[string, number, Buffer]>(
    "SELECT id, position, digest FROM record WHERE id = ANY($1::uuid[])",
    [[...ids].map(uuidOf)],
  );
  for (const [uuid, key, digest] of held) targets.set(idOf(uuid), { key, digest: digestOf(digest) });
  const missing = [...ids].filter((id) => !targets.has(id)).map(uuidOf);
  if (missing.length === 0) return targets;
  await query("INSERT INTO absent (id) SELECT unnest($1::uuid[]) ON CONFLICT (id) DO NOTHING", [missing]);
  const waiting = await query<[string, number]>("SELECT id, key FROM absent WHERE id = ANY($1::uuid[])", [
    missing,
  ]);
  for (const [uuid, key] of waiting) targets.set(idOf(uuid), { key });
  return targets;
}
