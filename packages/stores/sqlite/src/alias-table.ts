// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Alias, RmtcError, type SetAliasRequest } from "@rmtc/contract";
import { prefixEnd } from "@rmtc/query";
import type { Database } from "./database.ts";

type Columns = readonly [alias: string, target: string, digest: string, moved: number, by: string | null];

const columns = "m.alias, m.target, m.digest, m.moved, m.by";

/** Every place each alias has pointed to. */
export class AliasTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws RMTC_ALIAS_CONFLICT when `expect` does not hold. */
  set({ alias, to, digest, by, expect }: SetAliasRequest): Alias {
    return this.#database.write(() => {
      const current = this.history(alias, 1)[0]?.to ?? null;
      if (expect !== undefined && expect !== current) {
        throw new RmtcError(
          "RMTC_ALIAS_CONFLICT",
          `${alias} names ${current ?? "nothing"}, not ${expect ?? "nothing"}; read it again and decide anew.`,
          { subject: alias },
        );
      }
      this.#database.run(
        "INSERT INTO alias_move (alias, target, digest, moved, by) VALUES (?, ?, ?, ?, ?)",
        alias,
        to,
        digest,
        Date.now(),
        by ?? null,
      );
      return this.history(alias, 1)[0] as Alias;
    });
  }

  /** Newest first. */
  history(alias: string, limit: number): readonly Alias[] {
    return this.#database
      .all<Columns>(
        `SELECT ${columns} FROM alias_move m WHERE alias = ? ORDER BY sequence DESC LIMIT ?`,
        alias,
        limit,
      )
      .map(aliasFromColumns);
  }

  /** The current place of every alias whose name starts with `prefix`, in order of UTF-8 bytes. */
  list(prefix: string): readonly Alias[] {
    const end = prefixEnd(prefix);
    return this.#database
      .all<Columns>(
        `SELECT ${columns} FROM
           (SELECT max(sequence) AS newest FROM alias_move
            WHERE alias >= ? ${end === undefined ? "" : "AND alias < ?"} GROUP BY alias) n
         JOIN alias_move m ON m.sequence = n.newest ORDER BY m.alias`,
        prefix,
        ...(end === undefined ? [] : [end]),
      )
      .map(aliasFromColumns);
  }
}

function aliasFromColumns([alias, to, digest, moved, by]: Columns): Alias {
  const setAt = new Date(moved).toISOString();
  return by === null ? { alias, to, digest, setAt } : { alias, to, digest, setAt, by };
}
