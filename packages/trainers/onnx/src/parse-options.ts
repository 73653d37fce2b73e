// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { z } from "zod";

/**
 * Checks options against a schema and fills in defaults.
 *
 * @throws RMTC_OPTION_INVALID when one has the wrong type or range; `pointer` names it.
 */
export function parseOptions<Options>(schema: z.ZodType<Options>, value: unknown, pointer: string): Options {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const reasons = result.error.issues.map((issue) => `${pointer}/${issue.path.join("/")}: ${issue.message}`);
  throw new RmtcError("RMTC_OPTION_INVALID", `The options are wrong. ${reasons[0] ?? ""}`, {
    pointer: [pointer, ...(result.error.issues[0]?.path ?? [])].join("/"),
    reasons,
  });
}
