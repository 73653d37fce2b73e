// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RmtcError } from "@rmtc/contract";
import { siblingModule } from "@rmtc/wire";
import type { SupervisorOptions } from "./supervisor.ts";

/**
 * Starts a supervisor that outlives this process, and waits until it or another one supervises the folder.
 *
 * @throws RMTC_PROCESS_FAILED when it ends before.
 */
export async function startSupervisor(folder: string, options: SupervisorOptions): Promise<void> {
  const logPath = join(folder, "supervisor.log");
  const log = openSync(logPath, "a");
  const module = fileURLToPath(siblingModule(import.meta.url, "supervisor-main"));
  const child = fork(module, [folder, String(options.slots), String(options.graceMs)], {
    cwd: folder,
    detached: true,
    execArgv: process.execArgv,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: unknown): void =>
        reject(
          new RmtcError("RMTC_PROCESS_FAILED", `The supervisor of ${folder} did not start; see ${logPath}.`, {
            subject: logPath,
            cause,
          }),
        );
      child.once("message", () => resolve());
      child.once("error", fail);
      child.once("exit", (code, signal) => fail(new Error(`It ended with ${signal ?? `code ${code}`}.`)));
    });
  } finally {
    child.removeAllListeners();
    child.on("error", () => undefined);
    if (child.connected) child.disconnect();
    child.unref();
  }
}
