// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, type RmtcError, rmtcErrorToJson } from "@rmtc/contract";
import { errorTable } from "@rmtc/spec";
import { styleError } from "./style.ts";

/**
 * Tells a person, or with `asJson` a program, what went wrong, and returns the exit code: 1 for an error with a
 * code, 130 after Ctrl+C, 70 for a bug.
 */
export function reportError(error: unknown, asJson: boolean): number {
  if (error instanceof Error && error.message === "Interrupted.") {
    process.stderr.write("Interrupted. Nothing was left half written.\n");
    return 130;
  }
  if (!isRmtcError(error)) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.stderr.write("This is a bug in rmtc. Please report it with the lines above.\n");
    return 70;
  }
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ error: rmtcErrorToJson(error) })}\n`);
    return 1;
  }
  process.stderr.write(`${formatError(error)}\n`);
  return 1;
}

/** Says what was wrong and what to do. */
export function formatError(error: RmtcError): string {
  const remedy = errorTable.find((row) => row.code === error.code)?.remedy;
  return [
    `${styleError("red", error.code)} ${error.message}`,
    ...error.reasons.slice(0, 20).map((reason) => `  - ${reason}`),
    ...(remedy === undefined ? [] : [styleError("dim", remedy)]),
  ].join("\n");
}
