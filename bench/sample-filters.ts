// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter } from "@rmtc/contract";
import { type FieldValue, fieldValues, type QueriedRecord } from "@rmtc/query";
import { type QueryField, queryFields } from "@rmtc/spec";

/** A filter and what it stands for. */
export interface NamedFilter {
  readonly name: string;
  readonly filter: Filter;
}

/** Makes filters with every operator of every registered field, with common and rare values of a sample. */
export function sampleFilters(sample: readonly QueriedRecord[]): readonly NamedFilter[] {
  return queryFields.flatMap((field) => {
    const values = sample.flatMap((stored) => fieldValues(stored, field));
    const counts = new Map<FieldValue, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const byCount = [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
    const missing = field.type === "integer" ? 1 : "urn:uuid:00000000-0000-7000-8000-000000000000";
    const [common, rare] = [byCount[0] ?? missing, byCount.at(-1) ?? missing];
    const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const at = (share: number): FieldValue => sorted[Math.floor(share * (sorted.length - 1))] ?? missing;
    return field.operators.flatMap((op) =>
      filtersOf(field, op, { common, rare, low: at(0.1), high: at(0.9) }),
    );
  });
}

interface Values {
  readonly common: FieldValue;
  readonly rare: FieldValue;
  readonly low: FieldValue;
  readonly high: FieldValue;
}

function filtersOf({ field }: QueryField, op: Filter["op"], values: Values): readonly NamedFilter[] {
  const { common, rare, low, high } = values;
  const named = (name: string, value: Filter["value"]): NamedFilter => ({
    name: `${field} ${op} ${name}`,
    filter: { field, op, value },
  });
  switch (op) {
    case "exists":
      return [named("true", true), named("false", false)];
    case "in":
      return [named("common and rare", [common, rare])];
    case "prefix":
      return [
        named("of two letters", String(common).slice(0, 2)),
        named("of six letters", String(rare).slice(0, 6)),
      ];
    case "text":
      return [
        named("two common words", "plate s001"),
        named("a common letter", "s"),
        named("rare words", String(rare)),
      ];
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return [named("a tenth", low), named("nine tenths", high)];
    default:
      return [named("common", common), named("rare", rare)];
  }
}
