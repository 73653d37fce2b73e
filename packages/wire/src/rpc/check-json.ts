// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/** Containers that one message may nest: 64 of a record, and those around it. */
export const maxMessageDepth = 96;

/**
 * Refuses what is no I-JSON although `JSON.stringify` would write it, or `JSON.parse` read it.
 *
 * @param numbers `any` lets NaN and the infinities pass, which `JSON.stringify` writes as `null`: whoever wanted
 * a number refuses that, with the code that belongs to the request.
 * @throws RMTC_JSON_INVALID when a number or text is none of I-JSON's, or containers nest too deep.
 */
export function checkJson(root: unknown, numbers: "finite" | "any" = "finite"): void {
  const values: unknown[] = [root];
  const depths: number[] = [0];
  while (values.length > 0) {
    const value = values.pop();
    const depth = depths.pop() as number;
    if (typeof value === "string") checkText(value);
    else if (typeof value === "number") {
      if (numbers === "finite" && !Number.isFinite(value)) throw notJson("a number is not finite");
    } else if (typeof value === "bigint") throw notJson("a number is too long");
    else if (typeof value === "object" && value !== null) {
      if (depth === maxMessageDepth) throw notJson(`it nests deeper than ${maxMessageDepth} containers`);
      const isArray = Array.isArray(value);
      if (!isArray) for (const key of Object.keys(value)) checkText(key);
      for (const inner of isArray ? (value as unknown[]) : Object.values(value)) {
        values.push(inner);
        depths.push(depth + 1);
      }
    }
  }
}

/** Makes the error for what is no I-JSON. */
export function notJson(reason: string): RmtcError {
  return new RmtcError("RMTC_JSON_INVALID", `A message is not I-JSON: ${reason}.`);
}

function checkText(text: string): void {
  if (!text.isWellFormed() || text.includes("\0")) {
    throw notJson("a string holds a lone surrogate or U+0000");
  }
}
