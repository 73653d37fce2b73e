// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkout, findAll, resolveReference, type Workspace } from "@rmtc/core";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { printJson } from "../output/print-json.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

interface Options extends WorkspaceOptions {
  readonly to: string;
}

/** `rmtc checkout`: writes files to a folder. */
export function register(program: Command): void {
  const command = program
    .command("checkout")
    .summary("write a record's files to a folder")
    .description("Writes the files of a record, or of every frame of a sequence, to a folder.")
    .argument("<record>", "an id, a name, name:version, an alias, or the name of a sequence")
    .requiredOption("-t, --to <folder>", "the folder; it is made if it is not there");
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc checkout hero-roto --to weights\n  rmtc checkout sh010_roto --to renders/sh010_roto",
    )
    .action(
      async (text: string, options: Options) =>
        await withWorkspace(options, (workspace, signal) => run(workspace, signal, text, options)),
    );
}

async function run(workspace: Workspace, signal: AbortSignal, text: string, options: Options): Promise<void> {
  const frames = [];
  for await (const frame of findAll(workspace.records, {
    where: [
      { field: "kind", op: "eq", value: "asset" },
      { field: "asset.sequenceName", op: "eq", value: text },
    ],
  }))
    frames.push(frame);
  const records = frames.length > 0 ? frames : [await resolveReference(workspace, text)];
  const files = await checkout(workspace, records, options.to, signal);
  if (options.json === true) printJson({ files });
  else console.log(`${files.length} files written to ${options.to}`);
}
