// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { formatReport, reportDocuments } from "@rmtc/conformance";
import { RmtcError } from "@rmtc/contract";
import type { Command } from "commander";
import { printJson } from "../../output/print-json.ts";
import { checkReportPaths, writeReports } from "../../output/write-reports.ts";

/** The options of `rmtc conformance documents`. */
interface DocumentsOptions {
  readonly key?: readonly string[];
  readonly report?: readonly string[];
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `rmtc conformance documents`: judges what another implementation wrote. */
export function registerDocuments(conformance: Command): void {
  conformance
    .command("documents")
    .summary("judge records, segments, layouts and tensor files")
    .description(
      "Judges the documents in a folder, whoever wrote them: records (*.json alone or listed, *.jsonl and *.ndjson a line each), dataset segments, tensor layouts, *.safetensors, and the files that records name. What is missing is a gap and no failure. Exits with 1 if something is wrong.",
    )
    .argument("<folder>", "the folder, with all folders in it")
    .option("--key <file...>", "P-256 public keys in PEM; every signature must be of one of them")
    .option("--report <file...>", "also write a report: .json, .xml (JUnit), .html or .svg (badge)")
    .option("--all", "list the checks that passed as well")
    .option("--json", "print JSON: the report, in a list")
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc conformance documents export/\n  rmtc conformance documents export/ --key ada.pem --report documents.html",
    )
    .action(async (folder: string, options: DocumentsOptions) => await run(folder, options));
}

async function run(
  folder: string,
  { key = [], report: paths = [], all, json }: DocumentsOptions,
): Promise<void> {
  checkReportPaths(paths);
  const publicKeys = await Promise.all(key.map(readKey));
  const report = await reportDocuments(folder, { publicKeys });
  await writeReports([report], paths);
  if (json === true) printJson([report]);
  else process.stdout.write(formatReport(report, { all: all === true }));
  if (report.counts.fail + report.counts.error > 0) process.exitCode = 1;
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new RmtcError("RMTC_NOT_FOUND", `The key ${path} cannot be read.`, { subject: path, cause });
  }
}
