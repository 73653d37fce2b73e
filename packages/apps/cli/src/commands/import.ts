// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolve } from "node:path";
import type { Workspace } from "@rmtc/core";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { printJson } from "../output/print-json.ts";
import { printable } from "../output/printable.ts";
import { formatTable } from "../output/table.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

interface Options extends WorkspaceOptions {
  readonly dryRun?: boolean;
  readonly reference?: boolean;
}

/** `rmtc import`: takes in what another system wrote. */
export function register(program: Command): void {
  const parent = program
    .command("import")
    .summary("take in what another system wrote")
    .description("Takes in what another system wrote, and lists what could not be carried over.");
  parent.addHelpText(
    "after",
    "\nExamples:\n  rmtc import rmtc-python /show/rmtc --dry-run\n  rmtc import rmtc-python --help",
  );
  const command = parent
    .command("rmtc-python")
    .summary("a folder of the Python RMTC")
    .description(
      "Takes in a folder of the Python RMTC: versioned products, and JSON files with its entities. No pickle is loaded, no link is followed. Lineage that was not recorded stays unknown. Exits with 1 if something in the folder could not be read.",
    )
    .argument("<folder>", "the folder that holds the products")
    .option("--dry-run", "only say what would be done")
    .option("--reference", "leave the files where they are instead of copying them");
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc import rmtc-python /show/rmtc --dry-run\n  rmtc import rmtc-python /show/rmtc --reference --json",
    )
    .action(
      async (folder: string, options: Options) =>
        await withWorkspace(options, (workspace, signal) => run(workspace, signal, folder, options)),
    );
}

async function run(
  workspace: Workspace,
  signal: AbortSignal,
  folder: string,
  options: Options,
): Promise<void> {
  const { importRmtcPython } = await import("@rmtc/core");
  const report = await importRmtcPython(workspace, {
    folder: resolve(folder),
    dryRun: options.dryRun,
    mode: options.reference === true ? "reference" : "copy",
    signal,
  });
  if (report.notCarried.some(({ damaged }) => damaged)) process.exitCode = 1;
  if (options.json === true) {
    printJson(report);
    return;
  }
  const rows = report.records.map(({ source, kind, name, status }) => [
    kind,
    printable(name ?? ""),
    status,
    printable(source),
  ]);
  if (rows.length > 0) console.log(formatTable(["kind", "name", "status", "from"], rows));
  if (report.notCarried.length > 0) {
    console.log("\nnot carried over");
    for (const { source, why, damaged } of report.notCarried)
      console.log(`  ${damaged ? "! " : "  "}${printable(source)}: ${printable(why)}`);
    console.log("");
  }
  const created = report.records.filter(({ status }) => status === "created").length;
  const verb = report.dryRun ? "would be put" : "put";
  console.log(`${created} records ${verb}, ${report.records.length - created} known already.`);
}
