// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type RmtcErrorCode } from "@rmtc/contract";

/**
 * Translates what the operating system says of a path to our error, with the cause kept. Anything unexpected is
 * returned as it is.
 */
export function errorFromFile(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return error;
  const known = meanings[String(error.code)];
  if (known === undefined) return error;
  const [code, remedy] = known;
  return new RmtcError(code, `${path} ${remedy} (${error.message}).`, { subject: path, cause: error });
}

const denied = [
  "RMTC_ACCESS_DENIED",
  "may not be read or written by this user; grant the permission",
] as const;
const full = [
  "RMTC_STORE_FULL",
  "does not fit on the disk; nothing of the call was stored. Free space and repeat it",
] as const;
const misplaced = ["RMTC_OPTION_INVALID", "leads through a file; give the path of a folder"] as const;

const meanings: Readonly<Record<string, readonly [RmtcErrorCode, string] | undefined>> = {
  ENOENT: ["RMTC_NOT_FOUND", "does not exist; create it first"],
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  ENOSPC: full,
  EDQUOT: full,
  EEXIST: misplaced,
  ENOTDIR: misplaced,
};

/** Tells whether the operating system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
