// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter } from "@rmtc/contract";
import { prefixEnd, wordsOf } from "@rmtc/query";
import type { Digest, PartName } from "@rmtc/spec";
import type { Catalog } from "./catalog.ts";
import type { SqlInput } from "./database.ts";
import { keysOfDigests } from "./digest-index.ts";
import { findKeys } from "./find-keys.ts";
import { digestParameter, idParameter } from "./identity.ts";
import type { KeyRange, Span } from "./key-blocks.ts";
import { type BodyField, bodyFields } from "./schema.ts";

/** A piece of SQL with the parameters it needs, in order. */
export interface SqlFragment {
  readonly sql: string;
  readonly parameters: readonly SqlInput[];
}

/** Bounds of a column's values; both are inclusive unless said. */
export interface ValueRange {
  readonly low?: string | number | undefined;
  readonly lowExcluded?: boolean | undefined;
  readonly high?: string | number | undefined;
  readonly highExcluded?: boolean | undefined;
}

/** How one filter can be answered. */
export interface FilterPlan {
  readonly filter: Filter;
  /** A condition on the record row `r`; without one, only `matches` can tell, given these parts. */
  readonly condition?: SqlFragment | undefined;
  readonly neededParts?: readonly PartName[] | undefined;
  /** A SELECT of the keys of every record that can pass, perhaps with others, and the same key several times. */
  readonly source?: SqlFragment | undefined;
  /** Whether the source has the keys of passing records alone. */
  readonly exact?: boolean | undefined;
  /** What follows FROM to read the source's records as `r`, each once; by default `r.key IN (source)`. */
  readonly rows?: SqlFragment | undefined;
  /** The codes of the only kinds that can pass. */
  readonly kinds?: ReadonlySet<number> | undefined;
  /** Bounds of the keys of records that can pass. */
  readonly keys?: KeyRange | undefined;
  /** The column that the filter is about, and bounds of the values that pass. */
  readonly column?: string | undefined;
  readonly range?: ValueRange | undefined;
}

/** More terms or targets than that are not looked up one by one for each record. */
const maxLookups = 64;
const recordId = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const digest = /^sha256:[0-9a-f]{64}$/;

/** Plans one checked filter; a text search becomes one plan for each word. */
export function planFilter(catalog: Catalog, filter: Filter): readonly FilterPlan[] {
  if (filter.op !== "text") return [planValue(catalog, filter)];
  return wordsOf(String(filter.value)).map((value) => planTerms(catalog, { ...filter, value }, "name"));
}

function planValue(catalog: Catalog, filter: Filter): FilterPlan {
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
  return planColumn(catalog, filter);
}

function valuesOf({ value }: Filter): readonly (string | number)[] {
  return (Array.isArray(value) ? value : [value]) as readonly (string | number)[];
}

function planId(filter: Filter): FilterPlan {
  const list = JSON.stringify(valuesOf(filter).filter((value) => recordId.test(String(value))));
  const sql = `r.id IN (SELECT ${idParameter("value")} FROM json_each(?))`;
  const source = { sql: `SELECT r.key FROM record r WHERE ${sql}`, parameters: [list] };
  return { filter, condition: { sql, parameters: [list] }, source, exact: true };
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
  const condition = {
    sql: "r.kind IN (SELECT value FROM json_each(?))",
    parameters: [JSON.stringify(codes)],
  };
  return { filter, kinds: new Set(codes), condition, exact: true, ...indexed("record_kind", condition) };
}

/** Plans a filter on tags, media types, one word of a name, or on whether links of a relation exist. */
function planTerms(catalog: Catalog, filter: Filter, part: PartName | undefined): FilterPlan {
  const terms = catalog.database.all<[number, number]>(...termsOf(filter));
  const list = JSON.stringify(terms.map(([code]) => code));
  const listed = "term IN (SELECT value FROM json_each(?))";
  // The plus keeps SQLite from turning it into a join that starts from the postings.
  const exists = `+EXISTS (SELECT 1 FROM posting WHERE ${listed} AND key = r.key)`;
  if (filter.op === "exists" && filter.value === false) {
    const condition = { sql: `NOT ${exists}`, parameters: [list] };
    return { filter, condition, kinds: kindsWithout(catalog, filter.field) };
  }
  const source = { sql: `SELECT key FROM posting WHERE ${listed}`, parameters: [list] };
  const kinds = new Set(terms.map(([, kind]) => kind));
  // The postings of one term come in the order of the table; of several, their keys are sorted first.
  const join = "posting p CROSS JOIN record r ON r.key = p.key WHERE p.term = ?";
  const rows = terms.length === 1 ? { sql: join, parameters: [terms[0]?.[0] ?? 0] } : undefined;
  const keys = keysBetween(
    catalog,
    "posting WHERE term = ?",
    "key",
    terms.map(([code]) => [code]),
  );
  const plan = { filter, source, exact: true, kinds, rows, keys };
  if (part !== undefined && terms.length > maxLookups) return { ...plan, neededParts: [part] };
  return { ...plan, condition: { sql: exists, parameters: [list] } };
}

/** The lowest and the highest key in several sorted lists; two searches for each list. */
function keysBetween(
  { database }: Catalog,
  list: string,
  key: string,
  lists: readonly (readonly number[])[],
): KeyRange | undefined {
  if (lists.length > maxLookups) return undefined;
  let range: KeyRange = { low: 1, high: 0 };
  for (const parameters of lists) {
    const [low = null] =
      database.get<[number | null]>(`SELECT min(${key}) FROM ${list}`, ...parameters) ?? [];
    const [high = null] =
      database.get<[number | null]>(`SELECT max(${key}) FROM ${list}`, ...parameters) ?? [];
    if (low === null || high === null) continue;
    range =
      range.high === 0 ? { low, high } : { low: Math.min(range.low, low), high: Math.max(range.high, high) };
  }
  return range;
}

/** The kinds that have records without a field, by the numbers of those that have it. */
function kindsWithout(catalog: Catalog, field: string): ReadonlySet<number> {
  const rows = catalog.database.all<[number]>(
    `SELECT k.code FROM kind k LEFT JOIN term t ON t.field = ? AND t.value = '' AND t.kind = k.code
     WHERE k.records > coalesce(t.records, 0)`,
    field,
  );
  return new Set(rows.map(([kind]) => kind));
}

function termsOf(filter: Filter): readonly [sql: string, ...parameters: SqlInput[]] {
  const select = "SELECT code, kind FROM term WHERE field = ? AND value";
  if (filter.op === "exists") return [`${select} = ''`, filter.field];
  if (filter.op !== "prefix" && filter.op !== "text") {
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
  const each = [...targets.values()].map((target) => [target]);
  return {
    filter,
    keys: keysBetween(catalog, "edge_back WHERE to_key = ?", "from_key", each),
    condition: { sql: `+EXISTS (SELECT 1 FROM ${table} WHERE ${back} AND from_key = r.key)`, parameters },
    exact: true,
    source: { sql: `SELECT from_key AS key FROM edge_back WHERE ${back}`, parameters },
  };
}

/** Plans a filter on a value that the record row has a column for. */
function planColumn(catalog: Catalog, filter: Filter): FilterPlan {
  const { field, op, value } = filter;
  const [name, range] = [columnOf(field), rangeOf(filter)];
  const condition = conditionOf(`r.${name}`, filter, range);
  // The plus keeps SQLite from searching for each of the values where an order is gone through.
  const checked = op === "in" ? { ...condition, sql: `+${condition.sql}` } : condition;
  const plan = { filter, condition: checked, column: name, range, exact: true };
  const held = catalog.kinds.entries().map(([code]) => code);
  const bodyField = bodyFields.get(field);
  if (bodyField !== undefined) {
    const missing = op === "exists" && value === false;
    return {
      ...plan,
      ...(missing ? withoutField(catalog, bodyField, held) : withField(bodyField, condition)),
    };
  }
  // The indexes begin with the kind; one look into each tells which kinds have a record that passes.
  const one = `SELECT 1 FROM record r WHERE r.kind = ? AND ${condition.sql} LIMIT 1`;
  const passing = held.filter((kind) => catalog.database.get(one, kind, ...condition.parameters));
  const where = {
    sql: `r.kind IN (SELECT value FROM json_each(?)) AND ${condition.sql}`,
    parameters: [JSON.stringify(passing), ...condition.parameters],
  };
  const keys =
    field === "created" && range !== undefined ? catalog.keyBlocks.keysOf(spanOf(range)) : undefined;
  return { ...plan, keys, kinds: new Set(passing), ...indexed(`record_${name}`, where) };
}

type Narrowing = Pick<FilterPlan, "kinds" | "source" | "rows">;

/** Where the records lie that have a field of the body and pass a condition on it. */
function withField({ field, kindCode, index }: BodyField, condition: SqlFragment): Narrowing {
  const sql = `r.kind = ${kindCode} AND ${condition.sql} AND r."${field}" IS NOT NULL`;
  return { kinds: new Set([kindCode]), ...indexed(index, { ...condition, sql }) };
}

/** Where the records lie that have no such field: those of its kind that lack it, and all of other kinds. */
function withoutField(catalog: Catalog, bodyField: BodyField, held: readonly number[]): Narrowing {
  const { field, kindCode, index } = bodyField;
  const lacking = `SELECT r.key FROM record r INDEXED BY ${index} WHERE r.kind = ${kindCode} AND r."${field}" IS NULL`;
  const others = held.filter((kind) => kind !== kindCode);
  const some = catalog.database.get(`${lacking} LIMIT 1`) !== undefined;
  return {
    kinds: new Set(some ? [...others, kindCode] : others),
    source: {
      sql: `${lacking} UNION ALL SELECT key FROM record WHERE kind IN (SELECT value FROM json_each(?))`,
      parameters: [JSON.stringify(others)],
    },
  };
}

function spanOf({ low, high }: ValueRange): Span {
  return {
    low: low === undefined ? undefined : String(low),
    high: high === undefined ? undefined : String(high),
  };
}

/** The source that an index of `record` gives. */
function indexed(index: string, where: SqlFragment): Required<Pick<FilterPlan, "source" | "rows">> {
  const rows = { ...where, sql: `record r INDEXED BY ${index} WHERE ${where.sql}` };
  return { rows, source: { ...rows, sql: `SELECT r.key FROM ${rows.sql}` } };
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
