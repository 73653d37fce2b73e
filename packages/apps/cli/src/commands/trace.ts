// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { exposure, impact, likenessKinds, resolveReference, trace, type Workspace } from "@rmtc/core";
import type { LikenessKind } from "@rmtc/spec";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { formatExposure, formatImpact } from "../output/format-answers.ts";
import { formatTree } from "../output/lineage-tree.ts";
import { formatCompleteness } from "../output/print-gaps.ts";
import { printJson } from "../output/print-json.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

interface Options extends WorkspaceOptions {
  readonly downstream?: boolean;
  readonly has?: string;
  readonly kinds?: string;
}

/** `rmtc trace`: lineage in both directions, and verdicts. */
export function register(program: Command): void {
  const command = program
    .command("trace")
    .summary("where a record came from, what was made from it, and whether X is in it")
    .description(
      "Traces a record to everything it was made from, or with --downstream to everything made from it. With --has it answers whether it has seen something: present, absent, absent-but-influenced, or unknown, always with the path or the gap.",
    )
    .argument("<record>", "an id, a name, name:version or an alias")
    .option("-d, --downstream", "what was made from it")
    .option("--has <record>", "whether it has seen this subject, asset, dataset, weights or licence")
    .option("--kinds <kinds>", `kinds of likeness that count, of ${likenessKinds.join(",")} (default: all)`);
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc trace roto.1001.exr\n  rmtc trace hero-roto --has hero-b\n  rmtc trace hero-b --downstream",
    )
    .action(
      async (text: string, options: Options) =>
        await withWorkspace(options, (workspace, signal) => run(workspace, signal, text, options)),
    );
}

async function run(workspace: Workspace, signal: AbortSignal, text: string, options: Options): Promise<void> {
  const { id } = (await resolveReference(workspace, text)).record;
  if (options.has !== undefined) return await answerExposure(workspace, signal, id, options.has, options);
  if (options.downstream === true) {
    const found = await impact(workspace, id, { signal });
    if (options.json === true) return printJson(found);
    console.log(formatImpact(found));
    return;
  }
  const found = await trace(workspace, [id], { signal });
  if (options.json === true) return printJson(found);
  console.log(formatTree(found.nodes, [id]));
  console.log(formatCompleteness(found));
}

async function answerExposure(
  workspace: Workspace,
  signal: AbortSignal,
  id: string,
  target: string,
  options: Options,
): Promise<void> {
  const asked = (await resolveReference(workspace, target)).record;
  const answer = await exposure(workspace, id, asked.id, {
    signal,
    kinds: options.kinds === undefined ? undefined : parseKinds(options.kinds),
  });
  if (options.json === true) return printJson(answer);
  console.log(await formatExposure(workspace, asked, answer));
}

function parseKinds(text: string): LikenessKind[] {
  return text.split(",").map((kind) => {
    const known = likenessKinds.find((candidate) => candidate === kind.trim());
    if (known !== undefined) return known;
    throw new RmtcError("RMTC_OPTION_INVALID", `--kinds: "${kind}" is none of ${likenessKinds.join(", ")}.`);
  });
}
