// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CallOptions, type EraseRequest, type EraseResult, RmtcError } from "@rmtc/contract";
import type { PartName } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import type { Query } from "./database.ts";
import { indexedValues } from "./indexed-values.ts";
import { partsToBits } from "./part-column.ts";
import { readRecords } from "./read-records.ts";
import { column } from "./tables.ts";

/**
 * Erases parts: no statement reads them any more. What the server still has of them in old row versions, in its
 * log and in backups is the operator's: `VACUUM FULL` and the log's retention.
 *
 * @throws RMTC_NOT_FOUND when the record is not held.
 */
export async function eraseParts(
  catalog: Catalog,
  { id, parts }: EraseRequest,
  options: CallOptions | undefined,
): Promise<EraseResult> {
  return await catalog.database.write(options, async (query) => {
    const [[head = 0] = []] = await query<[number]>("SELECT position FROM head FOR UPDATE");
    const held = (await readRecords(query, [id], undefined)).get(id);
    if (held === undefined) {
      throw new RmtcError("RMTC_NOT_FOUND", `Record ${id} is not held; nothing was erased.`, { subject: id });
    }
    const { record, position } = held;
    const present = parts.filter(
      (name) => record[name] !== undefined || record.redacted?.[name] !== undefined,
    );
    const bits = partsToBits(present);
    const before = partsToBits(held.erased);
    if ((bits & ~before) === 0) return { stored: held, cursor: catalog.cursor(head) };
    const gone = present.filter((name) => record[name] !== undefined);
    const values = indexedValues(record, gone);
    await clear(query, "content", position, gone);
    await clear(query, "record", position, Object.keys(values.columns));
    await query(
      `DELETE FROM term t USING unnest($1::integer[], $2::text[]) g(field, head)
       WHERE t.field = g.field AND t.head = g.head AND t.position = $3`,
      [values.terms.map(({ field }) => field), values.terms.map((term) => term.head), position],
    );
    await query(
      "UPDATE record SET held = held & ~$2::integer, erased = erased | $2::integer WHERE position = $1",
      [position, bits],
    );
    await query("INSERT INTO event VALUES ($1, $2, 'erasure', $3)", [head + 1, position, Date.now()]);
    await query("UPDATE head SET position = $1", [head + 1]);
    await query(`NOTIFY ${catalog.database.schema}_changes`);
    const stored = (await readRecords(query, [id], undefined)).get(id);
    return { stored: stored ?? held, cursor: catalog.cursor(head + 1) };
  });
}

async function clear(
  query: Query,
  table: string,
  position: number,
  columns: readonly (PartName | string)[],
): Promise<void> {
  if (columns.length === 0) return;
  const assignments = columns.map((name) => `${column(name)} = NULL`).join(", ");
  await query(`UPDATE ${table} SET ${assignments} WHERE position = $1`, [position]);
}
