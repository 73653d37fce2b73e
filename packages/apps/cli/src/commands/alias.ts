// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { getRecord, referenceOf, resolveReference, type Workspace } from "@rmtc/core";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { printJson } from "../output/print-json.ts";
import { formatTable } from "../output/table.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

interface Options extends WorkspaceOptions {
  readonly expect?: string;
  readonly history?: boolean;
}

/** `rmtc alias`: reads and moves names. */
export function register(program: Command): void {
  const command = program
    .command("alias")
    .summary("read or move a name such as hero-roto@production")
    .description("Lists aliases, shows where one points, or moves it to a record.")
    .argument("[alias]", "name@label")
    .argument("[record]", "where it is to point")
    .option("--expect <record>", "move it only if it points here now; 'none' if it must be new")
    .option("--history", "every place it has pointed to");
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc alias\n  rmtc alias hero-roto@production hero-roto:2 --expect hero-roto:1",
    )
    .action(
      async (alias: string | undefined, record: string | undefined, options: Options) =>
        await withWorkspace(options, (workspace) => run(workspace, alias, record, options)),
    );
}

async function run(
  workspace: Workspace,
  alias: string | undefined,
  record: string | undefined,
  options: Options,
): Promise<void> {
  if (alias !== undefined && record !== undefined) {
    const target = referenceOf(await resolveReference(workspace, record));
    const expect =
      options.expect === undefined
        ? undefined
        : options.expect === "none"
          ? null
          : (await resolveReference(workspace, options.expect)).record.id;
    await workspace.runs.setAlias({
      alias,
      to: target.id,
      digest: target.digest,
      by: workspace.config.person,
      expect,
    });
  }
  const aliases =
    alias === undefined
      ? await workspace.runs.listAliases({})
      : options.history === true
        ? await workspace.runs.aliasHistory(alias)
        : await workspace.runs.getAlias(alias);
  if (options.json === true) return printJson({ aliases });
  const rows = await Promise.all(
    aliases.map(async (entry) => {
      const target = await getRecord(workspace.records, entry.to).catch(() => undefined);
      return [
        entry.alias,
        target === undefined
          ? "not held here"
          : `${target.record.kind} ${target.record.name ?? ""} ${target.record.version ?? ""}`.trim(),
        entry.setAt.slice(0, 19).replace("T", " "),
        entry.by ?? "",
        entry.to.slice("urn:uuid:".length),
      ];
    }),
  );
  console.log(rows.length === 0 ? "No alias." : formatTable(["alias", "record", "since", "by", "id"], rows));
}
