// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError } from "@rmtc/contract";

/** The code and pointer of the error that a call throws; fails when it throws another or none. */
export function refusalOf(call: () => unknown): { code: string; pointer: string | undefined } {
  try {
    call();
  } catch (error) {
    if (!isRmtcError(error)) throw error;
    return { code: error.code, pointer: error.pointer };
  }
  throw new Error("The call was not refused.");
}
