// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Command } from "commander";

/** Adds `--workspace` and `--json`, which every command on a workspace has. */
export function addCommonOptions(command: Command): Command {
  return command
    .option("-w, --workspace <folder>", "a folder in the workspace (default: the current one)")
    .option("--json", "print JSON");
}

/** Collects an option that can be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
