// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { basename, resolve } from "node:path";
import { checkPlatformYear } from "@rmtc/spec";
import { makeReport } from "../make-report.ts";
import type { ConformanceReport } from "../report.ts";
import { platformChecks } from "./platform-checks.ts";
import { readEdition } from "./read-edition.ts";

const maxMessages = 20;

/**
 * Checks an edition of the AI platform, and names every row that is wrong.
 *
 * @throws RMTC_NOT_FOUND, RMTC_FORMAT_INVALID, RMTC_DOCUMENT_INVALID or RMTC_LIMIT_EXCEEDED as `readEdition` does.
 * @see spec/draft/platform.md
 */
export async function reportPlatform(folder: string): Promise<ConformanceReport> {
  const startedAt = new Date();
  const start = performance.now();
  const { years, vfxYears, rules } = await readEdition(folder);
  const problems = [...years].flatMap(([file, year]) =>
    checkPlatformYear(year, vfxYears, rules).map((problem) => ({ file, ...problem })),
  );
  const share = (performance.now() - start) / 1_000 / platformChecks.length;
  return makeReport({
    role: "platform",
    subject: { name: basename(resolve(folder)), capabilities: {} },
    startedAt,
    cases: platformChecks.map((check) => {
      const demand = check.spec.slice(check.spec.indexOf("#") + 1).toUpperCase();
      const wrong = problems
        .filter((problem) => problem.demand === demand)
        .map(({ file, pointer, message }) => `${file}#${pointer}: ${message}`);
      const shown = wrong.slice(0, maxMessages).join("\n");
      const message = wrong.length > maxMessages ? `${shown}\nand ${wrong.length - maxMessages} more` : shown;
      const outcome = wrong.length === 0 ? { status: "pass" as const } : { status: "fail" as const, message };
      return { ...check, ...outcome, durationSeconds: share };
    }),
    isWhole: true,
  });
}
