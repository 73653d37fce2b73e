// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { Command } from "commander";
import packageJson from "../package.json" with { type: "json" };

/** Adds one command to the program. */
export type RegisterCommand = (program: Command) => void;

/** One command: what the overview says of it, and the module that has the rest, loaded when it is called. */
interface LazyCommand {
  readonly name: string;
  readonly summary: string;
  readonly hidden?: boolean;
  readonly load: () => Promise<{ readonly register: RegisterCommand }>;
}

const commands: readonly LazyCommand[] = [
  { name: "init", summary: "make a folder a workspace", load: () => import("./commands/init.ts") },
  { name: "ingest", summary: "take in image frames as assets", load: () => import("./commands/ingest.ts") },
  {
    name: "publish",
    summary: "publish a licence, subject, model, dataset, weights …",
    load: () => import("./commands/publish.ts"),
  },
  {
    name: "import",
    summary: "take in what another system wrote",
    load: () => import("./commands/import.ts"),
  },
  {
    name: "copy",
    summary: "copy records from one store to another",
    load: () => import("./commands/copy.ts"),
  },
  { name: "train", summary: "train a network in a scheduled job", load: () => import("./commands/train.ts") },
  {
    name: "runs",
    summary: "list, watch, attach to or cancel trainings",
    load: () => import("./commands/runs.ts"),
  },
  { name: "infer", summary: "run weights on plates", load: () => import("./commands/infer.ts") },
  { name: "find", summary: "find records", load: () => import("./commands/find.ts") },
  { name: "show", summary: "show one record", load: () => import("./commands/show.ts") },
  {
    name: "trace",
    summary: "where a record came from, what was made from it, and whether X is in it",
    load: () => import("./commands/trace.ts"),
  },
  {
    name: "cypher",
    summary: "query the graph of a store in openCypher",
    load: () => import("./commands/cypher.ts"),
  },
  { name: "shell", summary: "ask by typing TypeScript", load: () => import("./commands/shell.ts") },
  { name: "verify", summary: "hash records and files again", load: () => import("./commands/verify.ts") },
  {
    name: "checkout",
    summary: "write a record's files to a folder",
    load: () => import("./commands/checkout.ts"),
  },
  {
    name: "alias",
    summary: "read or move a name such as hero-roto@production",
    load: () => import("./commands/alias.ts"),
  },
  {
    name: "conformance",
    summary: "run the conformance suite against an extension",
    load: () => import("./commands/conformance.ts"),
  },
  {
    name: "platform",
    summary: "judge a machine or an environment against a platform year",
    load: () => import("./commands/platform.ts"),
  },
  {
    name: "new",
    summary: "make a package with an extension of your own",
    load: () => import("./commands/new.ts"),
  },
  {
    name: "complete",
    summary: "completion for bash, zsh, fish and PowerShell",
    load: () => import("./commands/complete.ts"),
  },
  {
    name: "task",
    summary: "carry out an opened run",
    hidden: true,
    load: () => import("./commands/task.ts"),
  },
];

/**
 * Builds the program with the one command that was called, and the others by name only. `complete` and an
 * unknown name load them all.
 */
export async function buildProgram(called: string | undefined): Promise<Command> {
  const program = new Command("rmtc")
    .description("Track, train, run and prove machine-learning artifacts in VFX.")
    .version(packageJson.version)
    .showHelpAfterError("(add --help for the options)")
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true });
  program.addHelpText(
    "after",
    "\nExamples:\n  rmtc init --person 'Ada Byron'\n  rmtc ingest plates/sh010.####.exr --license show-terms --origin captured\n  rmtc trace roto.1001.exr",
  );
  const all = called === "complete";
  for (const command of commands) {
    if (all || command.name === called) (await command.load()).register(program);
    else
      program
        .command(command.name, { hidden: command.hidden === true })
        .summary(command.summary)
        .description(command.summary);
  }
  return program;
}
