// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { executeRun, getRecord } from "@rmtc/core";
import type { Command } from "commander";
import { withWorkspace } from "../with-workspace.ts";

/** `rmtc task`: what a scheduler calls to carry out an opened run. */
export function register(program: Command): void {
  program
    .command("task", { hidden: true })
    .argument("<run>", "the run's record id")
    .requiredOption("-w, --workspace <folder>", "the workspace")
    .action(async (run: string, options: { workspace: string }) => {
      await withWorkspace(options, async (workspace, signal) => {
        const stop = new AbortController();
        process.once("SIGTERM", () => stop.abort(new Error("The task was asked to stop.")));
        await executeRun(workspace, await getRecord(workspace.records, run), {
          signal: AbortSignal.any([signal, stop.signal]),
          onEvent: (event) => {
            if (event.type === "metrics") return;
            console.log(JSON.stringify({ at: new Date().toISOString(), ...event }));
          },
        });
      });
    });
}
