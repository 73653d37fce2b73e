// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/** Primary result codes of SQLite. @see https://sqlite.org/rescode.html */
const codes = {
  permission: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notDatabase: 26,
};

function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number")
    return undefined;
  return error.errcode & 0xff;
}

/** Tells whether another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === codes.busy || code === codes.locked;
}

/** Tells whether a database has to be made anew. */
export function isUnreadable(error: unknown): boolean {
  const code = codeOf(error);
  // 1 is "no such table": the file is a database of something else, or of nothing yet.
  return code === codes.corrupt || code === codes.notDatabase || code === 1;
}

/** Translates an error of SQLite to ours; anything else is returned as it is. */
export function errorFromSqlite(error: unknown, path: string): unknown {
  const code = codeOf(error);
  const details = { subject: path, cause: error };
  if (code === codes.full) {
    const message = `The disk under ${path} is full; nothing of the call was stored. Free space and repeat it.`;
    return new RmtcError("RMTC_STORE_FULL", message, details);
  }
  if (code === codes.permission || code === codes.readOnly || code === codes.cannotOpen) {
    const message = `This user may not write ${path} and its folder; grant the permission.`;
    return new RmtcError("RMTC_ACCESS_DENIED", message, details);
  }
  return error;
}
