// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type CountRequest, type Filter, type FindRequest, RmtcError } from "@rmtc/contract";
import type { QueryField, QueryOperator } from "@rmtc/spec";
import { queryFieldOf } from "./query-field.ts";
import { wordsOf } from "./words.ts";

/** What one request may ask at most. */
export const queryLimits = {
  /** Filters of one request. */
  filters: 32,
  /** Values of one `in`. */
  values: 1_000,
  /** UTF-16 code units of one text. */
  textLength: 4_096,
  /** Words of one text search. */
  words: 32,
  /** Records of one page. */
  records: 1_000,
} as const;

const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const parts: readonly unknown[] = ["name", "version", "tags", "files", "body", "annotations", "extensions"];

/**
 * Checks everything about a `find` request but its cursor, which {@link decodeCursor} checks.
 *
 * @throws RMTC_QUERY_INVALID with a pointer into the request.
 * @see spec/draft/query.md
 */
export function checkQuery(request: FindRequest): void {
  checkKeys(request, ["where", "order", "limit", "cursor", "parts"], "");
  checkFilters(request.where);
  const { order, limit, cursor } = request;
  if (order !== undefined) {
    checkKeys(order, ["field", "descending"], "/order");
    const field = queryFieldOf(order.field);
    if (field?.orderable !== true) {
      throw invalid("/order/field", `"${shown(order.field)}" is not a field that results can be ordered by`);
    }
    if (order.descending !== undefined && typeof order.descending !== "boolean") {
      throw invalid("/order/descending", "must be true or false");
    }
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > queryLimits.records) {
    throw invalid("/limit", `must be an integer from 1 to ${queryLimits.records}`);
  }
  if (cursor !== undefined && typeof cursor !== "string") throw invalid("/cursor", "must be a text");
  checkParts(request.parts);
}

/**
 * Checks a `count` request.
 *
 * @throws RMTC_QUERY_INVALID with a pointer into the request.
 */
export function checkCount(request: CountRequest): void {
  checkKeys(request, ["where"], "");
  checkFilters(request.where);
}

function checkFilters(where: readonly Filter[]): void {
  if (!Array.isArray(where)) throw invalid("/where", "must be a list of filters");
  if (where.length > queryLimits.filters)
    throw invalid("/where", `has more than ${queryLimits.filters} filters`);
  for (const [index, filter] of (where as readonly Filter[]).entries())
    checkFilter(filter, `/where/${index}`);
}

function checkFilter(filter: Filter, pointer: string): void {
  checkKeys(filter, ["field", "op", "value"], pointer);
  const field = queryFieldOf(filter.field);
  if (field === undefined) {
    throw invalid(`${pointer}/field`, `"${shown(filter.field)}" is not in the registry of query fields`);
  }
  const { op, value } = filter;
  if (!field.operators.includes(op)) {
    throw invalid(
      `${pointer}/op`,
      `"${shown(op)}" is not one of ${field.field}'s operators: ${field.operators.join(", ")}`,
    );
  }
  if (op === "exists") {
    if (typeof value !== "boolean") throw invalid(`${pointer}/value`, "must be true or false");
  } else if (op === "in") {
    if (!Array.isArray(value) || value.length < 1 || value.length > queryLimits.values) {
      throw invalid(`${pointer}/value`, `must be a list of 1 to ${queryLimits.values} values`);
    }
    for (const [index, one] of value.entries()) checkValue(field, op, one, `${pointer}/value/${index}`);
  } else {
    checkValue(field, op, value, `${pointer}/value`);
  }
}

function checkValue(field: QueryField, op: QueryOperator, value: unknown, pointer: string): void {
  if (field.type === "integer") {
    if (!Number.isSafeInteger(value)) throw invalid(pointer, "must be an integer within ±(2^53-1)");
    return;
  }
  if (typeof value !== "string") throw invalid(pointer, "must be a text");
  if (value.length > queryLimits.textLength) {
    throw invalid(pointer, `is longer than ${queryLimits.textLength} characters`);
  }
  if (!value.isWellFormed() || value.includes("\0"))
    throw invalid(pointer, "holds a lone surrogate or U+0000");
  if (field.type === "time" && !timestamp.test(value)) {
    throw invalid(pointer, "must be a time of the form YYYY-MM-DDThh:mm:ss.sssZ");
  }
  if (op === "prefix" && value === "") throw invalid(pointer, "must not be empty");
  if (op === "text") checkWords(wordsOf(value).length, pointer);
}

function checkWords(count: number, pointer: string): void {
  if (count === 0) throw invalid(pointer, "holds no letter or number to look for");
  if (count > queryLimits.words) throw invalid(pointer, `has more than ${queryLimits.words} different words`);
}

function checkParts(names: unknown): void {
  if (names === undefined) return;
  if (!Array.isArray(names)) throw invalid("/parts", "must be a list of part names");
  const unknown = names.findIndex((name) => !parts.includes(name));
  if (unknown >= 0) throw invalid(`/parts/${unknown}`, `must be one of ${parts.join(", ")}`);
}

/** A name that is passed over in silence would widen the answer, so every unknown one is refused. */
function checkKeys(value: unknown, known: readonly string[], pointer: string): void {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw invalid(pointer, "must be an object");
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw invalid(pointer, `has the unknown field "${shown(unknown)}"`);
}

function shown(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 64).toWellFormed() : typeof value;
}

function invalid(pointer: string, message: string): RmtcError {
  return new RmtcError("RMTC_QUERY_INVALID", `Query: "${pointer}" ${message}.`, { pointer });
}
