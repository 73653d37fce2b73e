// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type RmtcErrorCode } from "@rmtc/contract";

/**
 * Translates what the operating system says of a path that somebody named to our error, with the cause kept.
 * Anything unexpected is returned as it is.
 */
export function fileError(error: unknown, path: string): unknown {
  const known = meanings[String((error as NodeJS.ErrnoException).code)];
  if (known === undefined || !(error instanceof Error) || !("syscall" in error)) return error;
  const [code, remedy] = known;
  return new RmtcError(code, `${path} ${remedy} (${error.message}).`, { subject: path, cause: error });
}

const denied = ["RMTC_ACCESS_DENIED", "may not be read or written by this user"] as const;
const full = ["RMTC_STORE_FULL", "does not fit: the disk is full"] as const;
const misplaced = [
  "RMTC_PATH_INVALID",
  "leads through a file, or names a folder where a file is needed",
] as const;

const meanings: Readonly<Record<string, readonly [RmtcErrorCode, string] | undefined>> = {
  ENOENT: ["RMTC_NOT_FOUND", "does not exist"],
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  ENOSPC: full,
  EDQUOT: full,
  EEXIST: misplaced,
  EISDIR: misplaced,
  ENOTDIR: misplaced,
};
