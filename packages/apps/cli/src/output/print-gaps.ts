// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { LineageAnswer } from "@rmtc/core";
import { style } from "./style.ts";

/** Says whether an answer is complete, and lists what it does not know. */
export function formatCompleteness(answer: LineageAnswer): string {
  const scope = `in ${answer.scope.join(", ")}, as of ${answer.asOf.time}`;
  if (answer.complete) return `${style("green", "complete")} ${scope}`;
  const shown = answer.gaps
    .slice(0, 20)
    .map((gap) => `  ${style("yellow", gap.type)} ${gap.record}\n    ${gap.message}`);
  const more =
    answer.gaps.length > shown.length
      ? [`  and ${answer.gaps.length - shown.length} more (--json lists all)`]
      : [];
  return [`${style("yellow", "not complete")} ${scope}; ${answer.gaps.length} gaps:`, ...shown, ...more].join(
    "\n",
  );
}
