// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { RmtcError } from "@rmtc/contract";

/** Ties a page cursor to its request. */
export function checkOf(request: unknown): string {
  return hash("sha256", JSON.stringify(request), "base64url").slice(0, 16);
}

export function formatCursor(check: string, place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([check, ...place])).toString("base64url");
}

/** @throws RMTC_CURSOR_INVALID when it is of another request. */
export function parseCursor(cursor: string, check: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(parsed) && parsed[0] === check) return parsed.slice(1);
  } catch {
    // Falls through: whatever is not JSON is as foreign as a cursor of another request.
  }
  throw new RmtcError("RMTC_CURSOR_INVALID", "The cursor is not from this request; start without one.", {
    pointer: "/cursor",
  });
}

/** @throws RMTC_OPTION_INVALID when a limit is not an integer from 1 to `most`. */
export function checkLimit(limit: number, most: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return;
  throw new RmtcError("RMTC_OPTION_INVALID", `The limit must be an integer from 1 to ${most}.`, {
    pointer: "/limit",
  });
}
