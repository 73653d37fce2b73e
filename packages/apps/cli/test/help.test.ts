// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { buildProgram } from "../src/program.ts";

/** Every command with everything that belongs to it, and its words as they are typed. */
async function allCommands(): Promise<readonly (readonly [string, Command])[]> {
  const program = await buildProgram("complete");
  const found: [string, Command][] = [["rmtc", program]];
  const add = (parent: Command, words: string): void => {
    for (const command of parent.commands) {
      if (command.name() === "task") continue;
      found.push([`${words} ${command.name()}`, command]);
      add(command, `${words} ${command.name()}`);
    }
  };
  add(program, "rmtc");
  return found;
}

const commands = await allCommands();

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

describe.each(commands)("%s", (words, command) => {
  it("says in its help what it does, and gives examples", () => {
    const help = helpOf(command);
    expect(help).toContain(`Usage: ${words}`);
    expect(help).toMatch(/\nExamples:\n {2}\S/);
  });
});

it("accepts every example that its help gives", async () => {
  const examples = commands.flatMap(([, command]) =>
    [...(helpOf(command).split("\nExamples:\n")[1] ?? "").matchAll(/^ {2}rmtc (.*)$/gm)].map(
      ([, line = ""]) => line,
    ),
  );
  expect(examples.length).toBeGreaterThan(20);
  for (const example of examples.filter((line) => !line.startsWith("complete") && !line.endsWith("--help"))) {
    const accepted: string[] = [];
    const program = await buildProgram("complete");
    const takeOver = (command: Command): void => {
      command.exitOverride().configureOutput({ writeErr: () => undefined });
      const takesArguments = command.registeredArguments.length > 0;
      if (command.commands.length === 0 || takesArguments) command.action(() => void accepted.push(example));
      for (const inner of command.commands) takeOver(inner);
    };
    takeOver(program);
    await program.parseAsync(wordsOf(example), { from: "user" });
    expect(accepted, example).toEqual([example]);
  }
});

/** Splits a line as a shell does, as far as the examples need it. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}
