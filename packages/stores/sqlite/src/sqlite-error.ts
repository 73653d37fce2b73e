// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/**
 * Primary result codes of SQLite that mean something to the caller.
 *
 * @see https://sqlite.org/rescode.html
 */
const resultCode = {
  permission: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notDatabase: 26,
} as const;

/** Translates an error of SQLite to ours; anything else passes through untouched. */
export function errorFromSqlite(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  const details = { subject: path, cause: error };
  if ("code" in error && error.code === "ERR_INVALID_STATE") {
    return new RmtcError("RMTC_STORE_CLOSED", `${path} was closed; open the store again.`, details);
  }
  if (!("errcode" in error) || typeof error.errcode !== "number") return error;
  switch (error.errcode & 0xff) {
    case resultCode.busy:
    case resultCode.locked:
      return new RmtcError(
        "RMTC_STORE_BUSY",
        `Another process kept ${path} locked for longer than the timeout; wait for it, or raise busyTimeoutMilliseconds.`,
        details,
      );
    case resultCode.full:
      return new RmtcError(
        "RMTC_STORE_FULL",
        `The disk under ${path} is full; nothing of the call was stored. Free space and repeat it.`,
        details,
      );
    case resultCode.corrupt:
    case resultCode.notDatabase:
    case resultCode.inputOutput:
      return new RmtcError(
        "RMTC_STORE_DAMAGED",
        `${path} cannot be read: ${error.message}. Stop writing and restore it from a backup.`,
        details,
      );
    case resultCode.permission:
    case resultCode.readOnly:
    case resultCode.cannotOpen:
      return new RmtcError(
        "RMTC_ACCESS_DENIED",
        `This user may not write ${path} and its folder (${error.message}); grant the permission.`,
        details,
      );
    default:
      return error;
  }
}
