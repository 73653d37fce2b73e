// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Catalog } from "./catalog.ts";
import type { Query } from "./database.ts";
import type { NewRecord } from "./put-records.ts";
import { bytesOf, uuidOf } from "./record-id.ts";

/** Leads the links that waited for new records to them. */
export async function joinArrivals(query: Query, created: readonly NewRecord[]): Promise<void> {
  if (created.length === 0) return;
  const keys = await query<[number]>(
    `WITH arrived AS (DELETE FROM absent WHERE id = ANY($1::uuid[]) RETURNING key, id)
     SELECT a.key, r.position, r.digest FROM arrived a JOIN record r ON r.id = a.id`,
    [created.map(({ record }) => uuidOf(record.id))],
  );
  if (keys.length === 0) return;
  const [from, to, digests] = [0, 1, 2].map((place) => keys.map((row: readonly unknown[]) => row[place]));
  await query(
    `UPDATE edge e SET to_key = a.position, digest = CASE WHEN e.digest = a.digest THEN NULL ELSE e.digest END
     FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) a(key, position, digest) WHERE e.to_key = a.key`,
    [from, to, digests],
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
  const targets = links.map(({ to }) => uuidOf(to));
  await query(
    `INSERT INTO absent (id) SELECT DISTINCT t.id FROM unnest($1::uuid[]) t(id)
     WHERE NOT EXISTS (SELECT FROM record r WHERE r.id = t.id) AND NOT EXISTS (SELECT FROM absent a WHERE a.id = t.id)`,
    [targets],
  );
  await query(
    `INSERT INTO edge
     SELECT l.position, l.place, l.relation, coalesce(r.position, a.key),
       CASE WHEN r.digest = l.digest THEN NULL ELSE l.digest END
     FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::uuid[], $5::bytea[])
       l(position, place, relation, id, digest)
     LEFT JOIN record r ON r.id = l.id LEFT JOIN absent a ON a.id = l.id`,
    [
      links.map(({ position }) => position),
      links.map(({ place }) => place),
      links.map(({ rel }) => codes.get(rel)),
      targets,
      links.map(({ digest }) => bytesOf(digest)),
    ],
  );
}
