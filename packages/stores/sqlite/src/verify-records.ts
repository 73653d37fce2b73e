// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import { type DisclosedPart, findStoredDamage, partNames } from "@rmtc/attest";
import type { RecordDamage, VerifyPage, VerifyRequest } from "@rmtc/contract";
import type { Catalog } from "./catalog.ts";
import type { SqlRow } from "./database.ts";
import { findKeys } from "./find-keys.ts";
import { digestFromHex, idFromHex } from "./identity.ts";
import { partFromColumn, partsFromBits } from "./part-column.ts";

const recordsPerPage = 250;
const texts = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Hashes stored bytes again, a page of records at a time. */
export async function* verifyRecords(
  catalog: Catalog,
  { ids }: VerifyRequest,
  signal: AbortSignal,
): AsyncGenerator<VerifyPage, void> {
  const named = ids === undefined ? undefined : [...findKeys(catalog, [...new Set(ids)]).values()];
  const rest = named?.filter((key) => key > 0).sort((a, b) => a - b);
  for (let last = 0; ; ) {
    const page = rest?.splice(0, recordsPerPage);
    const rows = page === undefined ? readAfter(catalog, last) : readNamed(catalog, page);
    if (rows.length === 0) return;
    last = Number(rows.at(-1)?.[0]);
    yield { checked: rows.length, damages: rows.flatMap((row) => damagesOf(catalog, row)) };
    await setImmediate();
    signal.throwIfAborted();
  }
}

// Blobs, not texts: SQLite would hand out invalid UTF-8 repaired, and so hide a flipped bit.
const columns = `r.key, lower(hex(r.id)), lower(hex(r.digest)), r.kind, r.created, r.held,
  CAST(c.envelope AS BLOB)${partNames.map((name) => `, CAST(c.${name} AS BLOB)`).join("")}`;

function readAfter(catalog: Catalog, key: number): readonly SqlRow[] {
  return catalog.database.all(
    `SELECT ${columns} FROM record r LEFT JOIN content c ON c.key = r.key
     WHERE r.key > ? ORDER BY r.key LIMIT ${recordsPerPage}`,
    key,
  );
}

function readNamed(catalog: Catalog, keys: readonly number[]): readonly SqlRow[] {
  return catalog.database.all(
    `SELECT ${columns} FROM json_each(?) j CROSS JOIN record r ON r.key = j.value
     LEFT JOIN content c ON c.key = r.key`,
    JSON.stringify(keys),
  );
}

function damagesOf(catalog: Catalog, row: SqlRow): readonly RecordDamage[] {
  const [, idHex, digestHex] = row;
  const id = idFromHex(String(idHex));
  const digest = digestFromHex(String(digestHex));
  const message = whatIsWrong(catalog, row, id, digest);
  return message === undefined ? [] : [{ id, digest, message }];
}

function whatIsWrong(catalog: Catalog, row: SqlRow, id: string, digest: string): string | undefined {
  const [, , , kind, created, held, envelopeBytes, ...partBytes] = row;
  try {
    if (!(envelopeBytes instanceof Uint8Array)) return "the envelope is gone";
    const envelope = texts.decode(envelopeBytes);
    const parts: DisclosedPart[] = [];
    for (const [index, name] of partNames.entries()) {
      const bytes = partBytes[index];
      if (bytes instanceof Uint8Array) parts.push(partFromColumn(name, texts.decode(bytes)));
    }
    const damage = findStoredDamage(digest, envelope, parts);
    if (damage !== undefined) return damage;
    const present = new Set(parts.map(({ name }) => name));
    const lost = partsFromBits(Number(held)).find((name) => !present.has(name));
    if (lost !== undefined) return `the part ${lost} is gone`;
    const said = JSON.parse(envelope) as { id: string; kind: string; createdAt: string };
    const agrees =
      said.id === id && said.kind === catalog.kinds.name(Number(kind)) && said.createdAt === created;
    return agrees ? undefined : "the index names another id, kind or time than the envelope";
  } catch (error) {
    return error instanceof TypeError ? "a text is not UTF-8 any more" : "the envelope is no JSON any more";
  }
}
