// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CopyReport } from "@rmtc/core";
import type { Command } from "commander";
import { collect } from "../add-common-options.ts";
import { printJson } from "../output/print-json.ts";
import { printable } from "../output/printable.ts";
import { Progress } from "../output/progress.ts";

interface Options {
  readonly from: string;
  readonly to: string;
  readonly root?: readonly string[];
  readonly downstream?: boolean;
  readonly aliases: boolean;
  readonly json?: boolean;
}

/** `rmtc copy`: moves records from one store to another. */
export function register(program: Command): void {
  program
    .command("copy")
    .summary("copy records from one store to another")
    .description(
      "Copies records and aliases from one store to another: ids and digests stay, what is there already is not put again, and what was erased stays erased. Stop it and start it again at any time. The live state of runs and their metrics stay where they are until a run is sealed; files stay in the blob store. Exits with 1 if the stores differ in something that was not copied.",
    )
    .requiredOption("--from <url>", "where the records are, such as sqlite:.rmtc/catalog.db")
    .requiredOption("--to <url>", "where they go, such as postgres://server/pipeline")
    .option("--root <id>", "only this record and what it was made from; can be given several times", collect)
    .option("--downstream", "with --root: what was made from it instead")
    .option("--no-aliases", "leave aliases where they are")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc copy --from sqlite:.rmtc/catalog.db --to postgres://server/pipeline\n  rmtc copy --from sqlite:show.db --to sqlite:delivery.db --root urn:uuid:0199… --json",
    )
    .action(async (options: Options) => await run(options));
}

async function run(options: Options): Promise<void> {
  const [core, { builtInExtensions }] = await Promise.all([import("@rmtc/core"), import("../defaults.ts")]);
  const host = new core.ExtensionHost(builtInExtensions, process.cwd());
  await using source = (await host.open("recordStore", options.from)).instance;
  await using target = (await host.open("recordStore", options.to)).instance;
  using progress = new Progress("copy", { silent: options.json });
  const records = await core.copyRecords(source, target, {
    roots: options.root,
    direction: options.downstream === true ? "downstream" : "upstream",
    onProgress: (looked) => progress.update(looked, looked),
  });
  const whole = options.root === undefined && options.aliases;
  const aliases = whole ? await copyAllAliases(core, host, options) : undefined;
  if (records.conflicts.length > 0 || (aliases?.differing.length ?? 0) > 0) process.exitCode = 1;
  if (options.json === true) printJson({ records, ...(aliases && { aliases }) });
  else print(records, aliases);
}

async function copyAllAliases(
  core: typeof import("@rmtc/core"),
  host: InstanceType<typeof core.ExtensionHost>,
  options: Options,
): Promise<Awaited<ReturnType<typeof core.copyAliases>>> {
  await using source = (await host.open("runStore", options.from)).instance;
  await using target = (await host.open("runStore", options.to)).instance;
  return await core.copyAliases(source, target);
}

function print(
  { created, disclosed, erased, known, conflicts, gaps }: CopyReport,
  aliases: { readonly copied: readonly string[]; readonly differing: readonly string[] } | undefined,
): void {
  console.log(`${created} copied, ${disclosed} disclosed further, ${erased} erased, ${known} there already`);
  if (aliases !== undefined) console.log(`${aliases.copied.length} aliases copied`);
  for (const { id, sourceDigest, targetDigest } of conflicts) {
    console.log(`! ${id} is ${sourceDigest} here and ${targetDigest} there: not copied`);
  }
  for (const alias of aliases?.differing ?? []) {
    console.log(`! ${printable(alias)} names another record there: not moved`);
  }
  for (const { type, id } of gaps) console.log(`  ${type} in the source: ${id}`);
}
