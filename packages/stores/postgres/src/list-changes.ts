// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions, Change, ChangesRequest, ChangesResult } from "@rmtc/contract";
import type { Catalog } from "./catalog.ts";
import { digestOf, idOf } from "./record-id.ts";

type Columns = readonly [
  position: number,
  type: Change["type"],
  uuid: string,
  kind: string,
  digest: Buffer,
  partition: string,
  received: number,
];

/** Lists what happened after a cursor. */
export async function listChanges(
  catalog: Catalog,
  { cursor, limit }: ChangesRequest,
  options: CallOptions | undefined,
): Promise<ChangesResult> {
  return await catalog.database.read(options, async (query) => {
    const head = await catalog.head(query);
    const after = cursor === undefined ? 0 : catalog.position(cursor, head);
    const rows = await query<Columns>(
      `SELECT * FROM (
         (SELECT r.position, 'put' AS type, r.id, r.kind, r.digest, r.partition, r.received FROM record r
          WHERE r.position > $1 ORDER BY r.position LIMIT $2)
         UNION ALL
         (SELECT v.position, v.type, r.id, r.kind, r.digest, r.partition, v.received
          FROM event v JOIN record r ON r.position = v.record WHERE v.position > $1 ORDER BY v.position LIMIT $2)
       ) changes ORDER BY position LIMIT $2`,
      [after, limit],
    );
    const changes = rows.map(([position, type, uuid, kind, digest, partition, received]) => ({
      cursor: catalog.cursor(position),
      type,
      id: idOf(uuid),
      kind,
      digest: digestOf(digest),
      partition,
      receivedAt: new Date(received).toISOString(),
    }));
    return { changes, cursor: changes.at(-1)?.cursor ?? cursor ?? catalog.cursor(0) };
  });
}
