// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolveReference, type Workspace } from "@rmtc/core";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { formatRecord } from "../output/format-record.ts";
import { printJson } from "../output/print-json.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

/** `rmtc show`: shows one record. */
export function register(program: Command): void {
  const command = program
    .command("show")
    .summary("show one record")
    .description("Shows a record: its parts, files and links.")
    .argument("<record>", "an id, a name, name:version or an alias");
  addCommonOptions(command)
    .addHelpText("after", "\nExamples:\n  rmtc show hero-roto\n  rmtc show hero-roto@production --json")
    .action(
      async (text: string, options: WorkspaceOptions) =>
        await withWorkspace(options, (workspace) => run(workspace, text, options)),
    );
}

async function run(workspace: Workspace, text: string, options: WorkspaceOptions): Promise<void> {
  const stored = await resolveReference(workspace, text);
  if (options.json === true) {
    printJson(stored);
    return;
  }
  console.log(await formatRecord(workspace, stored));
}
