// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ChangeCursor } from "@rmtc/contract";

/**
 * A cursor of the index is the index's own name, a hyphen and a position, which is that of `StoredRecord` too: each
 * change takes the next one.
 */
export function indexPosition(cursor: ChangeCursor): number {
  return Number(cursor.slice(cursor.lastIndexOf("-") + 1));
}

/** The name in a cursor of the index. */
export function indexName(cursor: ChangeCursor): string {
  return cursor.slice(0, cursor.lastIndexOf("-"));
}
