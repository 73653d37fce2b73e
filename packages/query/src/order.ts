// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { QueryOrder } from "@rmtc/contract";
import type { RecordId } from "@rmtc/spec";
import { type FieldValue, fieldValues, type QueriedRecord, queryFieldOf } from "./query-field.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** A record's place in an order of results. */
export interface OrderPlace {
  readonly id: RecordId;
  /** The value of the order's field; missing where the record has none, or results are ordered by id. */
  readonly key?: FieldValue | undefined;
}

/** Reads a record's place in an order of results out of the record. */
export function orderPlace(stored: QueriedRecord, order: QueryOrder | undefined): OrderPlace {
  const { id } = stored.record;
  const field = order === undefined ? undefined : queryFieldOf(order.field);
  const key = field === undefined ? undefined : fieldValues(stored, field)[0];
  return key === undefined ? { id } : { id, key };
}

/**
 * Compares two places of one order: negative, zero or positive.
 *
 * Texts and times go by UTF-8 bytes, integers by number. A missing value comes last, ascending and descending;
 * equal values go by ascending id.
 */
export function comparePlaces(a: OrderPlace, b: OrderPlace, order: QueryOrder | undefined): number {
  if (a.key === undefined || b.key === undefined) {
    if (a.key !== undefined) return -1;
    if (b.key !== undefined) return 1;
    return compareUtf8(a.id, b.id);
  }
  const difference = compareKeys(a.key, b.key);
  if (difference !== 0) return order?.descending === true ? -difference : difference;
  return compareUtf8(a.id, b.id);
}

function compareKeys(a: FieldValue, b: FieldValue): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return compareUtf8(String(a), String(b));
}
