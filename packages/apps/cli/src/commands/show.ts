// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { getRecords, resolveReference, type Workspace } from "@rmtc/core";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { printJson } from "../output/print-json.ts";
import { style } from "../output/style.ts";
import { formatTable } from "../output/table.ts";
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
  const { record, digest } = stored;
  const targets = await getRecords(
    workspace.records,
    record.links.map((link) => link.to),
    ["name"],
  );
  const head = [
    ["id", record.id],
    ["digest", digest],
    ["created", record.createdAt],
    ["received", stored.receivedAt],
    ...(record.version === undefined ? [] : [["version", record.version]]),
    ...(record.tags === undefined ? [] : [["tags", record.tags.join(", ")]]),
    ...(record.redacted === undefined ? [] : [["withheld", Object.keys(record.redacted).join(", ")]]),
  ];
  console.log(`${style("cyan", record.kind)} ${style("bold", record.name ?? "")}`);
  for (const [name = "", value = ""] of head) console.log(`  ${style("dim", name.padEnd(9))} ${value}`);
  if (record.files !== undefined) {
    console.log("\nfiles");
    console.log(
      indent(
        formatTable(
          ["path", "bytes", "type", "digest"],
          record.files.map((file) => [
            file.path,
            String(file.sizeBytes),
            file.mediaType,
            `${file.digest.slice(0, 19)}…`,
          ]),
        ),
      ),
    );
  }
  if (record.links.length > 0) {
    console.log("\nlinks");
    const rows = record.links.map((link) => {
      const target = targets.get(link.to)?.record;
      return [
        link.rel,
        target === undefined
          ? style("red", "not held here")
          : `${style("cyan", target.kind)} ${target.name ?? ""}`,
        link.to.slice("urn:uuid:".length),
      ];
    });
    console.log(indent(formatTable(["relation", "record", "id"], rows)));
  }
  if (record.body !== undefined) console.log(`\nbody\n${indent(JSON.stringify(record.body, null, 2))}`);
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
