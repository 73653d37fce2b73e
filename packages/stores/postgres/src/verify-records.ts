// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { findStoredDamage, partNames } from "@rmtc/attest";
import type { CallOptions, RecordDamage, VerifyPage, VerifyRequest } from "@rmtc/contract";
import type { Catalog } from "./catalog.ts";
import type { Query, SqlRow } from "./database.ts";
import { partsFromBits, partsFromColumns } from "./part-column.ts";
import { digestOf, idOf, uuidsOf } from "./record-id.ts";

const recordsPerPage = 250;

/** Hashes stored bytes again, a page of records at a time. */
export async function* verifyRecords(
  catalog: Catalog,
  { ids }: VerifyRequest,
  options: CallOptions | undefined,
): AsyncGenerator<VerifyPage, void> {
  const named = ids && uuidsOf([...new Set(ids)]);
  for (let last = 0, start = 0; ; start += recordsPerPage) {
    catalog.database.check(options);
    const page = named?.slice(start, start + recordsPerPage);
    if (page?.length === 0) return;
    const rows = await catalog.database.read(options, async (query) => await readPage(query, page, last));
    if (rows.length === 0 && page === undefined) return;
    last = Number(rows.at(-1)?.[0] ?? last);
    if (rows.length > 0) yield { checked: rows.length, damages: rows.flatMap(damagesOf) };
    await setImmediate();
  }
}

async function readPage(
  query: Query,
  uuids: readonly string[] | undefined,
  last: number,
): Promise<readonly SqlRow[]> {
  return await query(
    `SELECT r.position, r.id, r.digest, r.kind, r.created, r.held, c.envelope,
       ${partNames.map((name) => `c.${name}`).join()}
     FROM record r LEFT JOIN content c ON c.position = r.position
     WHERE ${uuids === undefined ? "r.position > $1" : "r.id = ANY($1::uuid[])"}
     ORDER BY r.position LIMIT ${recordsPerPage}`,
    [uuids ?? last],
  );
}

function damagesOf(row: SqlRow): readonly RecordDamage[] {
  const id = idOf(String(row[1]));
  const digest = digestOf(row[2] as Buffer);
  const message = whatIsWrong(row, id, digest);
  return message === undefined ? [] : [{ id, digest, message }];
}

function whatIsWrong(row: SqlRow, id: string, digest: string): string | undefined {
  const [, , , kind, created, held, envelope, ...columns] = row;
  if (typeof envelope !== "string") return "the envelope is gone";
  try {
    const parts = partsFromColumns(columns as (string | null)[]);
    const damage = findStoredDamage(digest, envelope, parts);
    if (damage !== undefined) return damage;
    const present = new Set(parts.map(({ name }) => name));
    const lost = partsFromBits(Number(held)).find((name) => !present.has(name));
    if (lost !== undefined) return `the part ${lost} is gone`;
    const said = JSON.parse(envelope) as { id: string; kind: string; createdAt: string };
    const agrees = said.id === id && said.kind === kind && said.createdAt === created;
    return agrees ? undefined : "the index names another id, kind or time than the envelope";
  } catch {
    return "the envelope is no JSON any more";
  }
}
