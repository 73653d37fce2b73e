// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/**
 * Reads `name=value` options: a value that is JSON is taken as that, anything else as text. A dot in the name
 * goes into an object: `exposureStops.min=-1`.
 *
 * @throws RMTC_OPTION_INVALID when one has no name or no value.
 */
export function parseAssignments(assignments: readonly string[]): Record<string, unknown> {
  const options: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const text of assignments) {
    const match = /^([A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z][A-Za-z0-9]*)*)=(.+)$/s.exec(text);
    if (match === null)
      throw new RmtcError("RMTC_OPTION_INVALID", `"${text}" is no name=value, such as learningRate=0.002.`);
    const path = (match[1] ?? "").split(".");
    const last = path.pop() ?? "";
    let place = options;
    for (const key of path) {
      place[key] ??= {};
      const inner = place[key];
      if (typeof inner !== "object" || inner === null) {
        throw new RmtcError(
          "RMTC_OPTION_INVALID",
          `"${text}": ${key} has a value already and cannot have names below it.`,
        );
      }
      place = inner as Record<string, unknown>;
    }
    place[last] = parseValue(match[2] ?? "");
  }
  return { ...options };
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
