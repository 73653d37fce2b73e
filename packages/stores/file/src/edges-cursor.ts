// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ChangeCursor, PageCursor } from "@rmtc/contract";
import { RmtcError } from "@rmtc/contract";

/** What a page cursor of `edges` says. */
export interface EdgesPlace {
  /** The index's own page cursor. */
  readonly cursor: PageCursor;
  /** As of which change all pages answer. */
  readonly asOf: ChangeCursor;
  /** The name of the index. */
  readonly index: string;
}

export function edgesPage({ cursor, asOf, index }: EdgesPlace): PageCursor {
  return Buffer.from(JSON.stringify([cursor, asOf, index])).toString("base64url");
}

/** @throws RMTC_CURSOR_INVALID when it is none, or of an index that is no more. */
export function readEdgesPage(page: PageCursor, index: string): EdgesPlace {
  try {
    const [cursor, asOf, of] = JSON.parse(Buffer.from(page, "base64url").toString());
    if (of === index && typeof cursor === "string" && typeof asOf === "string")
      return { cursor, asOf, index };
  } catch {
    // Falls through: whatever is no JSON is as foreign.
  }
  const message =
    "The page cursor is not from this request, or the index was made anew; start from the first page.";
  throw new RmtcError("RMTC_CURSOR_INVALID", message, { pointer: "/cursor" });
}
