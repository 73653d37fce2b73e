// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, RmtcError, type RmtcErrorCode } from "@rmtc/contract";

/** Where a system call went wrong: at a file that a caller named, or inside the store. */
export type FsErrorPlace = "source" | "store";

/** Tells whether an error is one of the operating system's, with one of the codes if any are given. */
export function isSystemError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return false;
  return codes.length === 0 || codes.includes(String(error.code));
}

/**
 * Translates an error of the operating system to ours, with the error as its cause. Anything unexpected is
 * returned as it is.
 */
export function translateFsError(error: unknown, place: FsErrorPlace, path: string): unknown {
  if (isRmtcError(error) || !isSystemError(error)) return error;
  const known = meaningOf(String(error.code), place);
  if (known === undefined) return error;
  const [code, remedy] = known;
  return new RmtcError(code, `${path}: ${remedy} (${error.message}).`, { subject: path, cause: error });
}

function meaningOf(code: string, place: FsErrorPlace): readonly [RmtcErrorCode, string] | undefined {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return ["RMTC_STORE_FULL", "no space is left; free some and repeat the call"];
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return ["RMTC_ACCESS_DENIED", "access is denied; grant this user the permission to it"];
    case "ENOENT":
      if (place === "source") return ["RMTC_NOT_FOUND", "there is no such file; check the path"];
      return ["RMTC_STORE_DAMAGED", "a file or folder of the store has vanished; restore it from a backup"];
    case "ELOOP":
    case "ENXIO":
    case "EISDIR":
    case "ENOTDIR":
    case "ENAMETOOLONG":
      if (place === "source") return ["RMTC_PATH_INVALID", "this is no regular file; name the file itself"];
      return ["RMTC_STORE_DAMAGED", "something else lies in a place that belongs to the store; move it away"];
    default:
      return undefined;
  }
}
