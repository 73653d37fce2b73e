// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { formatReport, reportPlatform } from "@rmtc/conformance";
import type { Command } from "commander";
import { printJson } from "../../output/print-json.ts";
import { checkReportPaths, writeReports } from "../../output/write-reports.ts";

/** The options of `rmtc conformance platform`. */
interface PlatformOptions {
  readonly report?: readonly string[];
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `rmtc conformance platform`: judges an edition of the AI platform. */
export function registerPlatform(conformance: Command): void {
  conformance
    .command("platform")
    .summary("judge an edition of the AI platform")
    .description(
      "Judges the years in a folder (*.yml), with the rows that they inherit (vfx/*.yml) and the rules (rules.yml) beside them; those published with the standard hold where there are none. Exits with 1 if a row is wrong.",
    )
    .argument("<folder>", "the folder of the edition")
    .option("--report <file...>", "also write a report: .json, .xml (JUnit), .html or .svg (badge)")
    .option("--all", "list the checks that passed as well")
    .option("--json", "print JSON: the report, in a list")
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc conformance platform editions/\n  rmtc conformance platform editions/ --report platform.html",
    )
    .action(async (folder: string, options: PlatformOptions) => await run(folder, options));
}

async function run(folder: string, { report: paths = [], all, json }: PlatformOptions): Promise<void> {
  checkReportPaths(paths);
  const report = await reportPlatform(folder);
  await writeReports([report], paths);
  if (json === true) printJson([report]);
  else process.stdout.write(formatReport(report, { all: all === true }));
  if (!report.conforms) process.exitCode = 1;
}
