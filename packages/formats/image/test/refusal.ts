// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, type RmtcErrorCode } from "@rmtc/contract";

/** The code of the error that a call throws; fails when it throws another or none. */
export function codeOf(call: () => unknown): RmtcErrorCode {
  try {
    call();
  } catch (error) {
    if (isRmtcError(error)) return error.code;
    throw error;
  }
  throw new Error("The call was not refused.");
}

/** The same for a promise. */
export async function rejectionOf(promise: Promise<unknown>): Promise<RmtcErrorCode> {
  try {
    await promise;
  } catch (error) {
    if (isRmtcError(error)) return error.code;
    throw error;
  }
  throw new Error("The call was not refused.");
}
