// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest, RecordId, RmtcRecord } from "@rmtc/spec";
import { BulkInsert } from "./bulk-insert.ts";
import type { Catalog } from "./catalog.ts";
import { digestFromHex, digestParameter, idFromHex, idParameter } from "./identity.ts";

/** A record that has just got a key. */
interface KeyedRecord {
  readonly record: RmtcRecord;
  readonly key: number;
}

/** The end of a link. */
interface Target {
  readonly key: number;
  /** Missing while the target is not held. */
  readonly digest?: Digest | undefined;
}

/** Writes the links of new records in both directions; `known` names records that are held for sure. */
export function insertEdges(
  catalog: Catalog,
  created: readonly KeyedRecord[],
  known: ReadonlyMap<RecordId, Target>,
): void {
  const targets = findTargets(catalog, created, known);
  const { database } = catalog;
  const forth = new BulkInsert(database, "edge", "(?, ?, ?, ?, ?)");
  const back = new BulkInsert(database, "edge_back", "(?, ?, ?, ?, ?)");
  const unmatched = new BulkInsert(database, "unmatched", `(?, ?, ${digestParameter()})`);
  for (const { record, key } of created) {
    for (const [place, link] of record.links.entries()) {
      const relation = catalog.relations.add(link.rel);
      const target = targets.get(link.to) as Target;
      const matched = target.digest === link.digest ? 1 : 0;
      forth.add(key, place, relation, target.key, matched);
      back.add(target.key, key, place, relation, matched);
      if (matched === 0) unmatched.add(key, place, link.digest);
    }
  }
  forth.flush();
  back.flush();
  unmatched.flush();
}

/** Finds or makes the keys of everything that new records link to. */
function findTargets(
  catalog: Catalog,
  created: readonly KeyedRecord[],
  known: ReadonlyMap<RecordId, Target>,
): ReadonlyMap<RecordId, Target> {
  const { database } = catalog;
  const targets = new Map(known);
  const wanted = new Set<RecordId>();
  for (const { record } of created) {
    for (const { to } of record.links) if (!targets.has(to)) wanted.add(to);
  }
  const held = database.all<[string, number, string]>(
    `SELECT lower(hex(r.id)), r.key, lower(hex(r.digest))
     FROM json_each(?) j CROSS JOIN record r ON r.id = ${idParameter("j.value")}`,
    JSON.stringify([...wanted]),
  );
  for (const [hex, key, digest] of held) {
    const id = idFromHex(hex);
    targets.set(id, { key, digest: digestFromHex(digest) });
    wanted.delete(id);
  }
  if (wanted.size === 0) return targets;
  const absent = database.all<[string, number]>(
    `SELECT lower(hex(a.id)), a.key FROM json_each(?) j CROSS JOIN absent a ON a.id = ${idParameter("j.value")}`,
    JSON.stringify([...wanted]),
  );
  for (const [hex, key] of absent) {
    const id = idFromHex(hex);
    targets.set(id, { key });
    wanted.delete(id);
  }
  for (const id of wanted) {
    const key = catalog.nextAbsentKey();
    database.run(`INSERT INTO absent VALUES (?, ${idParameter()})`, key, id);
    targets.set(id, { key });
  }
  return targets;
}

/** Gives links that waited for new records their keys, and settles whether the digests match. */
export function joinArrivals(catalog: Catalog, created: readonly KeyedRecord[]): void {
  const { database } = catalog;
  if (created.length === 0 || database.get("SELECT 1 FROM absent LIMIT 1") === undefined) return;
  const arrivals = database.all<[number, number]>(
    `SELECT a.key, r.key FROM json_each(?) j
     CROSS JOIN record r ON r.key = j.value CROSS JOIN absent a ON a.id = r.id`,
    JSON.stringify(created.map(({ key }) => key)),
  );
  for (const [absentKey, key] of arrivals) {
    database.run(
      `INSERT INTO edge_back (to_key, from_key, place, relation, matched)
       SELECT r.key, b.from_key, b.place, b.relation, u.digest = r.digest
       FROM record r CROSS JOIN edge_back b ON b.to_key = ?
       CROSS JOIN unmatched u ON u.from_key = b.from_key AND u.place = b.place WHERE r.key = ?`,
      absentKey,
      key,
    );
    database.run("DELETE FROM edge_back WHERE to_key = ?", absentKey);
    database.run(
      `UPDATE edge SET to_key = b.to_key, matched = b.matched FROM edge_back b
       WHERE b.to_key = ? AND edge.from_key = b.from_key AND edge.place = b.place`,
      key,
    );
    database.run(
      `DELETE FROM unmatched WHERE (from_key, place) IN
         (SELECT from_key, place FROM edge_back WHERE to_key = ? AND matched = 1)`,
      key,
    );
    database.run("DELETE FROM absent WHERE key = ?", absentKey);
  }
}
