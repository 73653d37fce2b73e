// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter } from "@rmtc/contract";
import { prefixEnd, queryFieldOf, wordsOf } from "@rmtc/query";
import type { Digest } from "@rmtc/spec";
import { encodeText, headLength, headOf, isShort } from "./encode-text.ts";
import { bytesOf, uuidsOf } from "./record-id.ts";
import type { SqlParameters } from "./sql-text.ts";
import { column, termFields } from "./tables.ts";

const comparisons = { lt: "<", lte: "<=", gt: ">", gte: ">=" } as const;
type Comparison = keyof typeof comparisons;

/** Writes the condition on `record r` that a checked query's filters make together. */
export function conditionOf(where: readonly Filter[], parameters: SqlParameters): string {
  return where.map((filter) => filterSql(filter, parameters)).join(" AND ") || "TRUE";
}

function filterSql({ field, op, value }: Filter, parameters: SqlParameters): string {
  const values = Array.isArray(value) ? value : [value];
  if (field === "id") return `r.id = ANY(${parameters.add(uuidsOf(values), "uuid[]")})`;
  if (field === "digest") {
    const digests = values.map((one) => bytesOf(one as Digest)).filter((one) => one !== undefined);
    return `r.digest = ANY(${parameters.add(digests, "bytea[]")})`;
  }
  if (field === "kind" || field === "created") {
    const name = column(field);
    if (op in comparisons)
      return `r.${name} ${comparisons[op as Comparison]} ${parameters.add(value, "text")}`;
    return `r.${name} = ANY(${parameters.add(values.map(encodeAny), "text[]")})`;
  }
  if (field === "tag" || field === "file.mediaType" || field === "file.digest") {
    if (op === "exists") return value === true ? `r.${column(field)}` : `r.${column(field)} IS NULL`;
    return inTerms(termFields[field], op === "prefix" ? "prefix" : "eq", values.map(String), parameters);
  }
  if (field.startsWith("link.")) return linkSql(field, op, values, parameters);
  if (field === "name" && op === "text") {
    const words = wordsOf(String(value));
    // Words are letters and numbers alone, so that nothing in them needs quoting.
    const query = words.map((word) => `'${headOf(word)}':*`).join(" & ");
    const long = words.filter((word) => !isShort(word));
    return [
      `r.words @@ ${parameters.add(query, "tsquery")}`,
      ...long.map((word) => inTerms(termFields.word, "prefix", [word], parameters)),
    ].join(" AND ");
  }
  return columnSql({ field, op, value }, values, parameters);
}

function columnSql(
  { field, op, value }: Filter,
  values: readonly unknown[],
  parameters: SqlParameters,
): string {
  const name = `r.${column(field)}`;
  if (op === "exists") return `${name} IS ${value === true ? "NOT NULL" : "NULL"}`;
  if (queryFieldOf(field)?.type === "integer") {
    if (op in comparisons)
      return `${name} ${comparisons[op as Comparison]} ${parameters.add(value, "bigint")}`;
    return `${name} = ANY(${parameters.add(values, "bigint[]")})`;
  }
  const encoded = values.map((one) => encodeText(String(one)));
  if (op === "prefix") {
    const [prefix = ""] = encoded;
    return `${rangeOf(`left(${name}, ${headLength})`, prefix, parameters)}${
      isShort(prefix) ? "" : ` AND starts_with(${name}, ${parameters.add(prefix, "text")})`
    }`;
  }
  const heads = parameters.add(encoded.map(headOf), "text[]");
  const whole = encoded.every(isShort) ? "" : ` AND ${name} = ANY(${parameters.add(encoded, "text[]")})`;
  return `left(${name}, ${headLength}) = ANY(${heads})${whole}`;
}

function inTerms(
  field: number,
  op: "eq" | "prefix",
  values: readonly string[],
  parameters: SqlParameters,
): string {
  const encoded = values.map(encodeText);
  const [first = ""] = encoded;
  let match: string;
  if (op === "prefix") {
    match = rangeOf("t.head", first, parameters);
    if (!isShort(first))
      match += ` AND starts_with(coalesce(t.value, t.head), ${parameters.add(first, "text")})`;
  } else {
    match = `t.head = ANY(${parameters.add(encoded.map(headOf), "text[]")})`;
    if (!encoded.every(isShort)) {
      match += ` AND coalesce(t.value, t.head) = ANY(${parameters.add(encoded, "text[]")})`;
    }
  }
  return `r.position IN (SELECT t.position FROM term t WHERE t.field = ${field} AND ${match})`;
}

/** The range of an index in which every text with a prefix lies. */
function rangeOf(expression: string, prefix: string, parameters: SqlParameters): string {
  const head = headOf(prefix);
  const end = prefixEnd(head);
  const from = `${expression} >= ${parameters.add(head, "text")}`;
  return end === undefined ? from : `${from} AND ${expression} < ${parameters.add(end, "text")}`;
}

function linkSql(
  field: string,
  op: Filter["op"],
  values: readonly unknown[],
  parameters: SqlParameters,
): string {
  if (op === "exists") return values[0] === true ? `r.${column(field)}` : `r.${column(field)} IS NULL`;
  const targets = parameters.add(uuidsOf(values), "uuid[]");
  return `r.position IN (SELECT e.from_key FROM edge e
    WHERE e.to_key IN (SELECT position FROM record WHERE id = ANY(${targets})
                       UNION ALL SELECT key FROM absent WHERE id = ANY(${targets}))
      AND e.relation = (SELECT code FROM relation WHERE name = ${parameters.add(field.slice("link.".length), "text")}))`;
}

function encodeAny(value: unknown): string {
  return encodeText(String(value));
}
