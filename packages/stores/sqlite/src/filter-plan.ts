// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter } from "@rmtc/contract";
import { prefixEnd, queryFieldOf, wordsOf } from "@rmtc/query";
import type { Digest, PartName } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import type { SqlInput } from "./database.ts";
import { keysOfDigests } from "./digest-index.ts";
import { findKeys } from "./find-keys.ts";
import { digestParameter, idParameter } from "./identity.ts";

/** A piece of SQL with the parameters it needs, in order. */
export interface SqlFragment {
  readonly sql: string;
  readonly parameters: readonly SqlInput[];
}

/** Bounds of a column's values; both are inclusive unless said. */
export interface ValueRange {
  readonly low?: SqlInput | undefined;
  readonly lowExcluded?: boolean | undefined;
  readonly high?: SqlInput | undefined;
  readonly highExcluded?: boolean | undefined;
}

/** How one filter can be answered. */
export interface FilterPlan {
  readonly filter: Filter;
  /** A condition on the record row `r`; without one, only `matches` can tell, given these parts. */
  readonly condition?: SqlFragment | undefined;
  readonly neededParts?: readonly PartName[] | undefined;
  /** A SELECT of the keys of every record that can pass, perhaps with repetitions and with others. */
  readonly source?: SqlFragment | undefined;
  /** The codes of the only kinds that can pass. */
  readonly kinds?: ReadonlySet<number> | undefined;
  /** The column that the filter is about, and bounds of the values that pass. */
  readonly column?: string | undefined;
  readonly range?: ValueRange | undefined;
}

/** More terms or targets than that are not looked up one by one for each record. */
const maxLookups = 64;
const recordId = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const digest = /^sha256:[0-9a-f]{64}$/;

/** Plans one checked filter. */
export function planFilter(catalog: Catalog, filter: Filter): FilterPlan {
  const { field } = filter;
  if (field === "id") return planId(filter);
  if (field === "digest") return planDigest(filter);
  if (field === "kind") return planKind(catalog, filter);
  if (field === "file.digest") {
    return { filter, neededParts: ["files"], source: keysOfDigests(digestsOf(filter)) };
  }
  if (field === "tag") return planTerms(catalog, filter, "tags");
  if (field === "file.mediaType") return planTerms(catalog, filter, "files");
  if (field.startsWith("link.")) return planLink(catalog, filter);
  if (filter.op === "text") return planText(filter);
  return planColumn(catalog, filter);
}

function valuesOf({ value }: Filter): readonly (string | number)[] {
  return (Array.isArray(value) ? value : [value]) as readonly (string | number)[];
}

function planId(filter: Filter): FilterPlan {
  const list = JSON.stringify(valuesOf(filter).filter((value) => recordId.test(String(value))));
  const sql = `r.id IN (SELECT ${idParameter("value")} FROM json_each(?))`;
  const source = { sql: `SELECT r.key FROM record r WHERE ${sql}`, parameters: [list] };
  return { filter, condition: { sql, parameters: [list] }, source };
}

function planDigest(filter: Filter): FilterPlan {
  const digests = digestsOf(filter);
  const sql = `r.digest IN (SELECT ${digestParameter("value")} FROM json_each(?))`;
  return {
    filter,
    condition: { sql, parameters: [JSON.stringify(digests)] },
    source: keysOfDigests(digests),
  };
}

function digestsOf(filter: Filter): readonly Digest[] {
  return valuesOf(filter)
    .map(String)
    .filter((value) => digest.test(value));
}

function planKind(catalog: Catalog, filter: Filter): FilterPlan {
  const codes = valuesOf(filter).map((name) => catalog.kinds.find(String(name)) ?? 0);
  const list = JSON.stringify(codes);
  const sql = "kind IN (SELECT value FROM json_each(?))";
  return {
    filter,
    kinds: new Set(codes),
    condition: { sql: `r.${sql}`, parameters: [list] },
    source: { sql: `SELECT key FROM record WHERE ${sql}`, parameters: [list] },
  };
}

/** Plans a filter on tags, media types, or on whether links of a relation exist. */
function planTerms(catalog: Catalog, filter: Filter, part: PartName | undefined): FilterPlan {
  const rows = catalog.database.all<[number, number]>(...termsOf(filter));
  const list = JSON.stringify(rows.map(([code]) => code));
  const listed = "term IN (SELECT value FROM json_each(?))";
  const exists = `EXISTS (SELECT 1 FROM posting WHERE ${listed} AND key = r.key)`;
  if (filter.op === "exists" && filter.value === false) {
    return { filter, condition: { sql: `NOT ${exists}`, parameters: [list] } };
  }
  const source = { sql: `SELECT key FROM posting WHERE ${listed}`, parameters: [list] };
  const kinds = new Set(rows.map(([, kind]) => kind));
  if (part !== undefined && rows.length > maxLookups) return { filter, neededParts: [part], source, kinds };
  return { filter, condition: { sql: exists, parameters: [list] }, source, kinds };
}

function termsOf(filter: Filter): readonly [sql: string, ...parameters: SqlInput[]] {
  const select = "SELECT code, kind FROM term WHERE field = ? AND value";
  if (filter.op === "exists") return [`${select} = ''`, filter.field];
  if (filter.op !== "prefix") {
    return [`${select} IN (SELECT value FROM json_each(?))`, filter.field, JSON.stringify(valuesOf(filter))];
  }
  const low = String(filter.value);
  const high = prefixEnd(low);
  return high === undefined
    ? [`${select} >= ?`, filter.field, low]
    : [`${select} >= ? AND value < ?`, filter.field, low, high];
}

function planLink(catalog: Catalog, filter: Filter): FilterPlan {
  if (filter.op === "exists") return planTerms(catalog, filter, undefined);
  const relation = catalog.relations.find(filter.field.slice("link.".length)) ?? 0;
  const targets = findKeys(catalog, valuesOf(filter).map(String));
  const parameters = [JSON.stringify([...targets.values()]), relation];
  const back = "to_key IN (SELECT value FROM json_each(?)) AND relation = ?";
  const table = targets.size <= maxLookups ? "edge_back" : "edge";
  return {
    filter,
    condition: { sql: `EXISTS (SELECT 1 FROM ${table} WHERE ${back} AND from_key = r.key)`, parameters },
    source: { sql: `SELECT from_key AS key FROM edge_back WHERE ${back}`, parameters },
  };
}

/** Words are looked up by the longest one, which fewest records have; names are then read and compared. */
function planText(filter: Filter): FilterPlan {
  const [word = ""] = [...wordsOf(String(filter.value))].sort((a, b) => b.length - a.length);
  const high = prefixEnd(word);
  const sql = `SELECT p.key FROM term t CROSS JOIN posting p ON p.term = t.code
    WHERE t.field = 'name' AND t.value >= ?${high === undefined ? "" : " AND t.value < ?"}`;
  const parameters = high === undefined ? [word] : [word, high];
  return { filter, neededParts: ["name"], source: { sql, parameters } };
}

/** Plans a filter on a value that the record row has a column for. */
function planColumn(catalog: Catalog, filter: Filter): FilterPlan {
  const { field, op, value } = filter;
  const [name, range] = [columnOf(field), rangeOf(filter)];
  const condition = conditionOf(`r.${name}`, filter, range);
  const fieldKinds = queryFieldOf(field)?.kinds;
  const missing = op === "exists" && value === false;
  const plan = { filter, condition, column: name, range };
  if (fieldKinds === undefined) {
    const kinds = JSON.stringify(catalog.kinds.entries().map(([code]) => code));
    const sql = `SELECT r.key FROM record r WHERE r.kind IN (SELECT value FROM json_each(?)) AND ${condition.sql}`;
    return { ...plan, source: { sql, parameters: [kinds, ...condition.parameters] } };
  }
  if (missing) return plan;
  const kinds = new Set(fieldKinds.flatMap((kind) => catalog.kinds.find(kind) ?? []));
  const sql = `SELECT r.key FROM record r WHERE ${condition.sql} AND r.${name} IS NOT NULL`;
  return { ...plan, kinds, source: { sql, parameters: condition.parameters } };
}

/** The column of `record` that holds a field's value. */
export function columnOf(field: string): string {
  return field.includes(".") ? `"${field}"` : field;
}

function rangeOf(filter: Filter): ValueRange | undefined {
  const value = filter.value as string | number;
  switch (filter.op) {
    case "eq":
      return { low: value, high: value };
    case "prefix":
      return { low: value, high: prefixEnd(String(value)), highExcluded: true };
    case "lt":
      return { high: value, highExcluded: true };
    case "lte":
      return { high: value };
    case "gt":
      return { low: value, lowExcluded: true };
    case "gte":
      return { low: value };
    default:
      return undefined;
  }
}

function conditionOf(column: string, filter: Filter, range: ValueRange | undefined): SqlFragment {
  if (filter.op === "exists") {
    return { sql: `${column} IS ${filter.value === true ? "NOT " : ""}NULL`, parameters: [] };
  }
  if (filter.op === "eq") return { sql: `${column} = ?`, parameters: [filter.value as string | number] };
  if (range === undefined) {
    const list = JSON.stringify(valuesOf(filter));
    return { sql: `${column} IN (SELECT value FROM json_each(?))`, parameters: [list] };
  }
  return boundsOf(column, range);
}

/** Writes bounds as a condition; at least one of them must be there. */
export function boundsOf(column: string, range: ValueRange): SqlFragment {
  const { low, high, lowExcluded, highExcluded } = range;
  const conditions: string[] = [];
  if (low !== undefined) conditions.push(`${column} ${lowExcluded === true ? ">" : ">="} ?`);
  if (high !== undefined) conditions.push(`${column} ${highExcluded === true ? "<" : "<="} ?`);
  return {
    sql: conditions.join(" AND "),
    parameters: [low, high].filter((bound) => bound !== undefined),
  };
}
