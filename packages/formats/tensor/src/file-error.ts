// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type RmtcErrorCode } from "@rmtc/contract";

const codes: Readonly<Record<string, RmtcErrorCode>> = {
  ENOENT: "RMTC_NOT_FOUND",
  ENOTDIR: "RMTC_NOT_FOUND",
  EISDIR: "RMTC_NOT_FOUND",
  EACCES: "RMTC_ACCESS_DENIED",
  EPERM: "RMTC_ACCESS_DENIED",
  EROFS: "RMTC_ACCESS_DENIED",
  ENOSPC: "RMTC_STORE_FULL",
  EDQUOT: "RMTC_STORE_FULL",
};

const sentences: Partial<Record<RmtcErrorCode, string>> = {
  RMTC_NOT_FOUND: "There is no such file",
  RMTC_ACCESS_DENIED: "The operating system refuses access to the file",
  RMTC_STORE_FULL: "There is no space left for the file",
};

/** Translates an error of the file system that has a code of ours; gives back any other as it is. */
export function fileError(error: unknown, path: string): unknown {
  const systemCode = error instanceof Error && "code" in error ? String(error.code) : "";
  const code = codes[systemCode];
  if (code === undefined) return error;
  return new RmtcError(code, `${sentences[code]}: ${path} (${systemCode}).`, { subject: path, cause: error });
}
