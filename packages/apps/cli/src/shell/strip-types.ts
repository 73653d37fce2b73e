// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { stripTypeScriptTypes } from "node:module";

/** Takes the types away from a text. @throws SyntaxError when it is no TypeScript. */
export function stripTypes(code: string): string {
  const { emitWarning } = process;
  // Node says once that stripping is experimental, in the middle of what the person reads.
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(code);
  } finally {
    process.emitWarning = emitWarning;
  }
}
