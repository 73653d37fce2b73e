// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Alias, type CallOptions, RmtcError, type SetAliasRequest } from "@rmtc/contract";
import type { Database, Query } from "./database.ts";
import { decodeText, encodeText } from "./encode-text.ts";

type Columns = readonly [alias: string, target: string, digest: string, moved: number, by: string | null];

const columns = "m.alias, m.target, m.digest, m.moved, m.by";

/**
 * Moves an alias; whoever moves the same one waits.
 *
 * @throws RMTC_ALIAS_CONFLICT when `expect` does not hold.
 */
export async function setAlias(
  database: Database,
  { alias, to, digest, by, expect }: SetAliasRequest,
  options: CallOptions | undefined,
): Promise<Alias> {
  return await database.write(options, async (query) => {
    await query("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", [encodeText(alias)]);
    const current = (await aliasHistory(query, alias, 1))[0]?.to ?? null;
    if (expect !== undefined && expect !== current) {
      throw new RmtcError(
        "RMTC_ALIAS_CONFLICT",
        `${alias} names ${current ?? "nothing"}, not ${expect ?? "nothing"}; read it again and decide anew.`,
        { subject: alias },
      );
    }
    await query("INSERT INTO alias_move (alias, target, digest, moved, by) VALUES ($1, $2, $3, $4, $5)", [
      encodeText(alias),
      to,
      digest,
      Date.now(),
      by === undefined ? null : encodeText(by),
    ]);
    return (await aliasHistory(query, alias, 1))[0] as Alias;
  });
}

/** Lists where an alias has pointed to, newest first. */
export async function aliasHistory(query: Query, alias: string, limit?: number): Promise<readonly Alias[]> {
  const rows = await query<Columns>(
    `SELECT ${columns} FROM alias_move m WHERE alias = $1 ORDER BY sequence DESC LIMIT $2`,
    [encodeText(alias), limit ?? null],
  );
  return rows.map(aliasFromColumns);
}

/** Lists the current place of every alias whose name starts with `prefix`, in order of UTF-8 bytes. */
export async function listAliases(query: Query, prefix: string): Promise<readonly Alias[]> {
  const rows = await query<Columns>(
    `SELECT DISTINCT ON (m.alias) ${columns} FROM alias_move m WHERE starts_with(m.alias, $1)
     ORDER BY m.alias, m.sequence DESC`,
    [encodeText(prefix)],
  );
  return rows.map(aliasFromColumns);
}

function aliasFromColumns([alias, to, digest, moved, by]: Columns): Alias {
  const found = { alias: decodeText(alias), to, digest, setAt: new Date(moved).toISOString() };
  return by === null ? found : { ...found, by: decodeText(by) };
}
