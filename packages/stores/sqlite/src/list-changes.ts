// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Change, ChangesResult } from "@rmtc/contract";
import type { Catalog } from "./catalog.ts";
import { digestFromHex, idFromHex } from "./identity.ts";

/** One change as it crosses from the thread. */
export type PackedChange = readonly [
  position: number,
  type: Change["type"],
  id: string,
  digest: string,
  kind: number,
  partition: number,
  received: number,
];

/** A page of changes as it crosses from the thread. */
export interface PackedChanges {
  readonly changes: readonly PackedChange[];
  readonly names: Readonly<Record<"kinds" | "partitions", ReadonlyMap<number, string>>>;
  /** A cursor without its position. */
  readonly cursorPrefix: string;
}

/** Lists what happened after a position: puts, which are records, and events, in the order of positions. */
export function listChanges(catalog: Catalog, after: number, limit: number): PackedChanges {
  const columns = "lower(hex(r.id)), lower(hex(r.digest)), r.kind, r.partition";
  const changes = catalog.database.all<PackedChange>(
    `SELECT * FROM (
       SELECT r.key AS position, 'put', ${columns}, r.received FROM record r WHERE r.key > ?1 ORDER BY r.key LIMIT ?2)
     UNION ALL SELECT * FROM (
       SELECT e.position, e.type, ${columns}, e.received FROM event e CROSS JOIN record r ON r.key = e.key
       WHERE e.position > ?1 ORDER BY e.position LIMIT ?2)
     ORDER BY 1 LIMIT ?2`,
    after,
    limit,
  );
  const kinds = new Map(changes.map((change) => [change[4], catalog.kinds.name(change[4])]));
  const partitions = new Map(changes.map((change) => [change[5], catalog.partitions.name(change[5])]));
  return { changes, names: { kinds, partitions }, cursorPrefix: catalog.cursor(0).slice(0, -1) };
}

/** Restores a page of changes; `cursor` is the one that the page was asked for with, if any. */
export function unpackChanges(packed: PackedChanges, cursor: string | undefined): ChangesResult {
  const { kinds, partitions } = packed.names;
  const changes = packed.changes.map(([position, type, id, digest, kind, partition, received]) => ({
    cursor: packed.cursorPrefix + position,
    type,
    id: idFromHex(id),
    kind: kinds.get(kind) ?? "",
    digest: digestFromHex(digest),
    partition: partitions.get(partition) ?? "",
    receivedAt: new Date(received).toISOString(),
  }));
  return { changes, cursor: changes.at(-1)?.cursor ?? cursor ?? `${packed.cursorPrefix}0` };
}
