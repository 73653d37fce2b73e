// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import {
  type ConformanceReport,
  compareReports,
  escapeTerminal,
  formatComparison,
  parseReports,
} from "@rmtc/conformance";
import { RmtcError } from "@rmtc/contract";
import type { Command } from "commander";
import { printJson } from "../../output/print-json.ts";

/** `rmtc conformance compare`: what changed from one report to the next. */
export function registerCompare(conformance: Command): void {
  conformance
    .command("compare")
    .summary("compare two reports")
    .description(
      "Compares two JSON reports by role and case. Exits with 1 if a case of level must fails newly or is missing.",
    )
    .argument("<before>", "the older report")
    .argument("<after>", "the newer report")
    .option("--json", "print JSON: one comparison for each role")
    .addHelpText("after", "\nExamples:\n  rmtc conformance compare main.json branch.json")
    .action(async (before: string, after: string, { json }: { readonly json?: boolean }) => {
      const comparisons = compareReports(await readReports(before), await readReports(after));
      if (json === true) printJson(comparisons);
      else process.stdout.write(escapeTerminal(formatComparison(comparisons)));
      if (comparisons.some(({ isWorse }) => isWorse)) process.exitCode = 1;
    });
}

async function readReports(path: string): Promise<readonly ConformanceReport[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new RmtcError("RMTC_NOT_FOUND", `The report ${path} cannot be read.`, { subject: path, cause });
  }
  return parseReports(bytes);
}
