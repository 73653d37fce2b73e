// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { StoredRecord } from "@rmtc/contract";
import { type QueryField, queryFields, type RmtcRecord } from "@rmtc/spec";

/** A value that a registered field can have. */
export type FieldValue = string | number;

/** A record with its digest: what a query can ask about. */
export type QueriedRecord = Pick<StoredRecord, "record" | "digest">;

const byName: ReadonlyMap<string, QueryField> = new Map(queryFields.map((field) => [field.field, field]));
const stepsByPath: ReadonlyMap<string, readonly string[]> = new Map(
  queryFields.map((field) => [field.path, field.path.split("/").slice(1)]),
);

/** Looks up a registered field, or returns `undefined` for a name that is not in the registry. */
export function queryFieldOf(name: string): QueryField | undefined {
  return byName.get(name);
}

/**
 * Reads a field's values out of a record, each of them once, in the record's order.
 *
 * A part that is withheld or erased, a field of another kind, and a value of another type than the registry
 * says are all missing: stores keep bodies that no schema has seen.
 */
export function fieldValues(stored: QueriedRecord, field: QueryField): readonly FieldValue[] {
  const { record, digest } = stored;
  if (field.kinds !== undefined && !field.kinds.includes(record.kind)) return [];
  if (field.path === "/digest") return [digest];
  const steps = stepsByPath.get(field.path) ?? [];
  if (steps[0] === "links") return targetsOf(record, steps[1]);
  const found: unknown[] = [];
  collect(record, steps, 0, found);
  const accepts = field.type === "integer" ? Number.isSafeInteger : isText;
  return [...new Set(found.filter(accepts) as FieldValue[])];
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function targetsOf(record: RmtcRecord, rel: string | undefined): readonly string[] {
  return [...new Set(record.links.filter((link) => link.rel === rel).map((link) => link.to))];
}

function collect(value: unknown, steps: readonly string[], depth: number, found: unknown[]): void {
  const step = steps[depth];
  if (step === undefined) {
    found.push(value);
  } else if (step === "*") {
    if (Array.isArray(value)) for (const element of value) collect(element, steps, depth + 1, found);
  } else if (value !== null && typeof value === "object" && Object.hasOwn(value, step)) {
    collect((value as Readonly<Record<string, unknown>>)[step], steps, depth + 1, found);
  }
}
