// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Workspace } from "@rmtc/core";

/** Options that every command on a workspace has. */
export interface WorkspaceOptions {
  readonly workspace?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Opens the workspace, does something with it, and closes it. Ctrl+C aborts once; a second time the process
 * ends at once. What a workspace needs is loaded only now, so that help and mistakes need not wait for it.
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
    const [core, { builtInExtensions, defaultLocations, taskCommand }] = await Promise.all([
      import("@rmtc/core"),
      import("./defaults.ts"),
    ]);
    await using workspace = await core.Workspace.open({
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
