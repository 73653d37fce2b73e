// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { isRmtcError, type RmtcError, type RmtcErrorCode } from "@rmtc/contract";

/** Asserts that a call fails with one of the codes and says something about it; returns the error. */
export async function rejectsWith(
  call: () => Promise<unknown>,
  ...codes: readonly RmtcErrorCode[]
): Promise<RmtcError> {
  const wanted = codes.join(" or ");
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    if (!isRmtcError(error)) assert.fail(`expected ${wanted}, but it threw ${String(error)}`);
    assert.ok(codes.includes(error.code), `expected ${wanted}, but it threw ${error.code}: ${error.message}`);
    assert.notEqual(error.message, "", `${error.code} has no message`);
    return error;
  }
  return assert.fail(`expected ${wanted}, but it returned ${JSON.stringify(result)?.slice(0, 200)}`);
}
