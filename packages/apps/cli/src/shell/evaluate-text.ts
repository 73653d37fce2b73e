// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { types } from "node:util";
import { createContext, runInContext } from "node:vm";
import { isRmtcError, RmtcError } from "@rmtc/contract";
import type { Workspace } from "@rmtc/core";
import { makeScope } from "./shell-scope.ts";
import { stripTypes } from "./strip-types.ts";

/**
 * Evaluates an expression, or statements that may `return` something, as `rmtc shell -e` does.
 *
 * @throws RMTC_OPTION_INVALID when the text is wrong or throws.
 */
export async function evaluateText(workspace: Workspace, code: string): Promise<unknown> {
  const { signal } = new AbortController();
  const context = createContext({ console, ...makeScope(workspace, () => signal) });
  try {
    return await (runInContext(functionOf(code), context, { filename: "--eval" }) as Promise<unknown>);
  } catch (error) {
    if (!types.isNativeError(error) || isRmtcError(error)) throw error;
    throw new RmtcError("RMTC_OPTION_INVALID", `--eval: ${error.name}: ${error.message}`, { cause: error });
  }
}

function functionOf(code: string): string {
  try {
    return stripTypes(`(async () => (${code}\n))()`);
  } catch {
    return stripTypes(`(async () => {${code}\n})()`);
  }
}
