// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { publishRecord } from "@rmtc/core";
import type { Command } from "commander";
import { addCommonOptions } from "../../add-common-options.ts";
import { type WorkspaceOptions, withWorkspace } from "../../with-workspace.ts";
import { reportPublished } from "./report-published.ts";

/** `rmtc publish solution`. */
export function registerSolution(publish: Command): void {
  const command = publish
    .command("solution")
    .summary("a problem that a job solves")
    .description("Publishes a solution: the problem that datasets, runs and inferences are made for.")
    .argument("<name>", "its name")
    .requiredOption("--problem <text>", "the problem in one sentence");
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc publish solution hero-roto --problem 'Mattes of both heroes for the whole shot'",
    )
    .action(async (name: string, options: WorkspaceOptions & { readonly problem: string }) => {
      await withWorkspace(options, async (workspace) => {
        const reference = await publishRecord(workspace, {
          kind: "solution",
          name,
          body: { problem: options.problem },
        });
        reportPublished("solution", name, reference, options.json);
      });
    });
}
