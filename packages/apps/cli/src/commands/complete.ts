// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";

/** `rmtc complete <shell>`: prints the completion script, and answers the shell's questions. */
export function register(program: Command): void {
  tab(program);
  program.commands
    .find((command) => command.name() === "complete")
    ?.addHelpText("after", "\nExamples:\n  source <(rmtc complete bash)\n  rmtc complete fish | source");
}
