// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter } from "@rmtc/contract";
import type { QueryField } from "@rmtc/spec";
import { type FieldValue, fieldValues, type QueriedRecord, queryFieldOf } from "./query-field.ts";
import { matchesWords } from "./words.ts";

/**
 * Tells whether a record passes every filter of a checked query.
 *
 * A field with several values passes when one of them does; a missing field passes only `exists: false`.
 */
export function matches(stored: QueriedRecord, where: readonly Filter[]): boolean {
  return where.every((filter) => {
    const field = queryFieldOf(filter.field);
    return field !== undefined && matchesFilter(fieldValues(stored, field), filter, field);
  });
}

function matchesFilter(values: readonly FieldValue[], { op, value }: Filter, field: QueryField): boolean {
  if (op === "exists") return value === values.length > 0;
  if (op === "in") return Array.isArray(value) && values.some((found) => value.includes(found));
  return values.some((found) => matchesValue(found, op, value as FieldValue, field));
}

function matchesValue(found: FieldValue, op: Filter["op"], value: FieldValue, field: QueryField): boolean {
  switch (op) {
    case "eq":
      return found === value;
    case "prefix":
      return String(found).startsWith(String(value));
    case "text":
      return field.type === "text" && matchesWords(String(found), String(value));
    case "lt":
      return found < value;
    case "lte":
      return found <= value;
    case "gt":
      return found > value;
    case "gte":
      return found >= value;
    default:
      return false;
  }
}
