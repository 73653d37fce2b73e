// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { Workspace } from "@rmtc/core";
import { builtInExtensions, defaultLocations, taskCommand } from "./defaults.ts";

/** Options that every command on a workspace has. */
export interface WorkspaceOptions {
  readonly workspace?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Opens the workspace, does something with it, and closes it. Ctrl+C aborts once; a second time the process
 * ends at once.
 */
export async function withWorkspace(
  options: WorkspaceOptions,
  action: (workspace: Workspace, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => {
    process.off("SIGINT", onInterrupt);
    interrupt.abort(new Error("Interrupted."));
  };
  process.on("SIGINT", onInterrupt);
  try {
    await using workspace = await Workspace.open({
      folder: options.workspace,
      extensions: builtInExtensions,
      defaults: defaultLocations,
      taskCommand,
    });
    await action(workspace, interrupt.signal);
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}
