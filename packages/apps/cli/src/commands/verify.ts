// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolveReference, verify, type Workspace } from "@rmtc/core";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { formatCompleteness } from "../output/print-gaps.ts";
import { printJson } from "../output/print-json.ts";
import { Progress } from "../output/progress.ts";
import { style } from "../output/style.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

/** `rmtc verify`: hashes records and files again. */
export function register(program: Command): void {
  const command = program
    .command("verify")
    .summary("hash records and files again")
    .description(
      "Hashes records and files again: the whole lineage of the records named, or everything in the workspace. Exits with 1 if anything is damaged or missing.",
    )
    .argument("[records...]", "ids, names or aliases (default: everything)");
  addCommonOptions(command)
    .addHelpText("after", "\nExamples:\n  rmtc verify\n  rmtc verify roto.1001.exr")
    .action(
      async (texts: string[], options: WorkspaceOptions) =>
        await withWorkspace(options, (workspace, signal) => run(workspace, signal, texts, options)),
    );
}

async function run(
  workspace: Workspace,
  signal: AbortSignal,
  texts: readonly string[],
  options: WorkspaceOptions,
): Promise<void> {
  const roots = await Promise.all(
    texts.map(async (text) => (await resolveReference(workspace, text)).record.id),
  );
  using progress = new Progress("verify", { silent: options.json });
  const report = await verify(workspace, roots.length === 0 ? undefined : roots, {
    signal,
    onProgress: ({ recordsVerified, filesVerified, files }) =>
      progress.update(filesVerified, files, `files, ${recordsVerified} records`),
  });
  progress[Symbol.dispose]();
  if (report.problems.length > 0) process.exitCode = 1;
  if (options.json === true) return printJson(report);
  for (const problem of report.problems) {
    console.log(
      `${style("red", problem.code)} ${problem.record}${problem.path === undefined ? "" : ` ${problem.path}`}\n  ${problem.message}`,
    );
  }
  const verdict =
    report.problems.length === 0
      ? style("green", "verified")
      : style("red", `${report.problems.length} problems`);
  console.log(`${verdict}: ${report.recordsVerified} records, ${report.filesVerified} files`);
  console.log(formatCompleteness(report));
}
