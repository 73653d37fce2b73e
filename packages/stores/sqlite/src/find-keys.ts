// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RecordId } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import { idFromHex, idParameter } from "./identity.ts";

/**
 * Finds the keys of ids: positive for held records, negative for ids that are only linked to. Ids that nothing
 * names are missing from the answer.
 */
export function findKeys(catalog: Catalog, ids: readonly RecordId[]): ReadonlyMap<RecordId, number> {
  const list = JSON.stringify(ids);
  const keys = new Map<RecordId, number>();
  for (const table of ["absent", "record"]) {
    const rows = catalog.database.all<[string, number]>(
      `SELECT lower(hex(t.id)), t.key FROM json_each(?) j CROSS JOIN ${table} t ON t.id = ${idParameter("j.value")}`,
      list,
    );
    for (const [hex, key] of rows) keys.set(idFromHex(hex), key);
  }
  return keys;
}

/** Finds the ids of keys, held or not. */
export function findIds(catalog: Catalog, keys: readonly number[]): ReadonlyMap<number, RecordId> {
  const list = JSON.stringify(keys);
  const ids = new Map<number, RecordId>();
  for (const table of ["absent", "record"]) {
    const rows = catalog.database.all<[number, string]>(
      `SELECT t.key, lower(hex(t.id)) FROM json_each(?) j CROSS JOIN ${table} t ON t.key = j.value`,
      list,
    );
    for (const [key, hex] of rows) ids.set(key, idFromHex(hex));
  }
  return ids;
}
