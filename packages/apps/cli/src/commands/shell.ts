// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { inspect } from "node:util";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { builtInExtensions, defaultLocations, taskCommand } from "../defaults.ts";
import { printJson } from "../output/print-json.ts";
import { style } from "../output/style.ts";
import type { WorkspaceOptions } from "../with-workspace.ts";

interface Options extends WorkspaceOptions {
  readonly eval?: string;
  readonly store?: string;
}

/** `rmtc shell`: a read-evaluate-print loop on a workspace or on a store. */
export function register(program: Command): void {
  const command = program
    .command("shell")
    .summary("ask by typing TypeScript")
    .description(
      "Opens a shell on a workspace, or with --store on any store by itself: find, show, trace, impact and has, plain TypeScript, completion of names, kinds, fields and relations, and a history. `help()` in the shell lists what can be called.",
    )
    .option(
      "-e, --eval <code>",
      "evaluate this, print it and end; what comes through a pipe is evaluated, too",
    )
    .option(
      "--store <url>",
      "a store that lies in no workspace, such as sqlite:show.db or postgres://server/db",
    );
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc shell\n  rmtc shell -e 'count(\"kind=asset\")'\n  rmtc shell --store sqlite:delivery.db -e 'trace(\"roto.1001.exr\")'",
    )
    .action(async (options: Options) => await run(options));
}

async function run(options: Options): Promise<void> {
  const [core, { evaluateText }, { Shell }] = await Promise.all([
    import("@rmtc/core"),
    import("../shell/evaluate-text.ts"),
    import("../shell/shell.ts"),
  ]);
  const { store } = options;
  await using workspace = await core.Workspace.open({
    folder: options.workspace,
    extensions: builtInExtensions,
    defaults: defaultLocations,
    taskCommand,
    residentGraph: options.eval === undefined && process.stdin.isTTY && store === undefined,
    ...(store !== undefined && { config: { records: store, runs: store, blobs: "memory:" } }),
  });
  const text = options.eval ?? (process.stdin.isTTY ? undefined : await readText(process.stdin));
  if (text !== undefined) {
    const value = await evaluateText(workspace, text);
    if (options.json === true) printJson(value);
    else if (typeof value === "string") console.log(value);
    else if (value !== undefined)
      console.log(inspect(value, { depth: 4, colors: process.stdout.isTTY && process.stdout.hasColors() }));
    return;
  }
  console.log(
    `${style("bold", store ?? workspace.folder)} ${style("dim", "help() lists what can be called")}`,
  );
  const shell = new Shell(workspace, { input: process.stdin, output: process.stdout });
  if (store === undefined) await shell.keepHistory(join(workspace.folder, ".rmtc", "shell-history"));
  await shell.whenLeft();
}
