// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { type FindRequest, type PageCursor, RmtcError } from "@rmtc/contract";
import type { OrderPlace } from "./order.ts";
import { queryFieldOf } from "./query-field.ts";

/**
 * Writes the cursor from which the page after `place` starts.
 *
 * It is base64url of `[1, check, key, id]`, where `key` is `null` for a missing value and `check` ties the
 * cursor to the filters and the order of its request.
 */
export function encodeCursor(request: Pick<FindRequest, "where" | "order">, place: OrderPlace): PageCursor {
  return Buffer.from(JSON.stringify([1, checkOf(request), place.key ?? null, place.id])).toString(
    "base64url",
  );
}

/**
 * Reads the place after which a checked request's page starts, or returns `undefined` for the first page.
 *
 * @throws RMTC_CURSOR_INVALID when the cursor is damaged, or from a request with other filters or another order.
 */
export function decodeCursor(
  request: Pick<FindRequest, "where" | "order" | "cursor">,
): OrderPlace | undefined {
  if (request.cursor === undefined) return undefined;
  const [version, check, key, id] = parseCursor(request.cursor);
  if (version !== 1 || typeof id !== "string") throw invalid("is damaged");
  if (check !== checkOf(request)) throw invalid("is from a request with other filters or another order");
  if (key === null) return { id };
  const type = request.order === undefined ? undefined : queryFieldOf(request.order.field)?.type;
  const accepted =
    type === "integer" ? Number.isSafeInteger(key) : type !== undefined && typeof key === "string";
  if (!accepted) throw invalid("is damaged");
  return { id, key: key as string | number };
}

function parseCursor(cursor: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parsed)) return parsed;
  } catch {
    // Falls through: whatever is not JSON is as damaged as JSON of another shape.
  }
  throw invalid("is damaged");
}

function checkOf({ where, order }: Pick<FindRequest, "where" | "order">): string {
  const filters = where.map(({ field, op, value }) => [field, op, value]);
  const sorting = order === undefined ? null : [order.field, order.descending === true];
  return hash("sha256", JSON.stringify([filters, sorting]), "base64url").slice(0, 16);
}

function invalid(reason: string): RmtcError {
  return new RmtcError("RMTC_CURSOR_INVALID", `The page cursor ${reason}; start again from the first page.`, {
    pointer: "/cursor",
  });
}
